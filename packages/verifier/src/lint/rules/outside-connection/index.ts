import type { FunctionInfo } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { mentionedRelations } from '../../../graph/mentioned-relations.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A connection that the database opens itself has another role, and none of the caller's context. */
export const outsideConnection: CatalogRule = {
  kind: 'catalog',
  id: 'outside-connection',
  title: 'A callable function opens a connection of its own.',
  check: (input) => {
    const connecting = input.catalog.functions.filter(
      ({ extension, language }) => extension === 'dblink' && language === 'c',
    )
    const names = new Set(connecting.map(({ name }) => name))
    return [
      ...connecting.flatMap((fn) => direct(input, fn)),
      ...input.catalog.functions.flatMap((fn) => through(input, fn, names)),
    ]
  },
}

function signature(fn: FunctionInfo): string {
  return sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`.text
}

function callersOf(input: LintInput, fn: FunctionInfo): readonly string[] {
  return input.roles
    .map(({ name }) => name)
    .filter((role) => input.access.canExecute(role, fn) && !input.access.isSuperuser(role))
}

/** Only what names a connection string opens one; the rest needs a connection. */
const opens: ReadonlySet<string> = new Set(['dblink', 'dblink_connect', 'dblink_connect_u'])

function direct(input: LintInput, fn: FunctionInfo): readonly Finding[] {
  const callers = callersOf(input, fn)
  if (!opens.has(fn.name) || callers.length === 0) return []
  const grantees = fn.acl
    .filter(({ grantee }) => grantee !== fn.owner)
    .map(({ grantee, isPublic }) => (isPublic ? sql`public` : ident(grantee)))
  return [
    makeFinding({
      rule: 'outside-connection',
      // Taken from PUBLIC when the extension is made: it asks for no password of the caller's own.
      severity: fn.name === 'dblink_connect_u' ? 'error' : 'warning',
      object: signature(fn),
      message:
        fn.name === 'dblink_connect_u'
          ? `${listed(callers)} may call ${signature(fn)} and connect to this server as any role that it lets in without a password, as the server's own account: no policy binds a superuser.`
          : `${listed(callers)} may call ${signature(fn)} and connect to any server, this one included, as any role whose password it knows.`,
      evidence: { roles: callers },
      fix: sql`revoke execute on function ${trustedSql(signature(fn))} from ${joinSql(grantees)};`
        .text,
    }),
  ]
}

function through(
  input: LintInput,
  fn: FunctionInfo,
  names: ReadonlySet<string>,
): readonly Finding[] {
  if (fn.extension !== null || fn.returns === 'trigger') return []
  const called = calledFunctions(tokenize(fn.body)).filter((name) => names.has(name))
  const callers = callersOf(input, fn)
  if (called.length === 0 || callers.length === 0) return []
  const mentioned = mentionedRelations(input.catalog, fn)
  const tables = [...mentioned].filter((name) => input.tables.isProtected(name))
  return [
    makeFinding({
      rule: 'outside-connection',
      severity: tables.length > 0 ? 'error' : 'warning',
      object: signature(fn),
      related: tables,
      message:
        tables.length > 0
          ? `${signature(fn)} works on ${listed(tables)} through a connection of its own, which knows neither ${listed(callers)} nor the tenant: policies do not bind it as they bind the caller.`
          : `${signature(fn)} opens a connection of its own for ${listed(callers)}.`,
      evidence: { calls: [...new Set(called)], roles: callers, tables },
      remedy:
        'Do the work in this database as the caller, or put the tenant of the context into the remote query.',
    }),
  ]
}
