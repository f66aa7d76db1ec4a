import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { mentionsName } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'
import { asksForSecret } from './asks-for-secret.js'
import { saysWhose } from './says-whose.js'
import { splicedArguments } from './spliced-arguments.js'
import { canRunAsCaller } from './run-as-caller.js'
import {
  hasUnqualifiedCall,
  hasUnqualifiedRelation,
  pinnedPath,
  searchPathOf,
  writableSchemas,
} from './search-path.js'

/** A function that a runtime role may call runs as a role that policies do not bind. */
export const securityDefinerFunction: CatalogRule = {
  kind: 'catalog',
  id: 'security-definer-function',
  title: 'A callable function reaches tenant rows with the rights of its owner.',
  check: (input) => {
    const context = contextFunctions(input.catalog.functions)
    return input.catalog.functions.flatMap((fn) => {
      if (!fn.securityDefiner || fn.extension !== null) return []
      const callers = input.roles
        .map((role) => role.name)
        .filter((role) => reachesCall(input, fn, role) && !input.access.canOwn(role, fn))
      if (callers.length === 0 || isKernel(input, fn)) return []
      // What a trigger does with whose the row is, is for the attacks on triggers to show.
      if (fn.returns === 'trigger') {
        const blind = saysWhose(input, fn, tokenize(fn.body))
          ? []
          : reaches(input, fn, callers, context)
        return [...blind, ...searchPath(input, fn, callers)]
      }
      return [
        ...reaches(input, fn, callers, context),
        ...searchPath(input, fn, callers),
        ...dynamicSql(input, fn, callers),
      ]
    })
  },
}

/**
 * A trigger function is called by whoever writes its table, without EXECUTE (manual, section 37.1), and
 * that of an aggregate with the EXECUTE of the aggregate's owner (manual, CREATE AGGREGATE).
 */
function reachesCall(input: LintInput, fn: FunctionInfo, role: string): boolean {
  if (fn.returns !== 'trigger') {
    return input.access.canExecute(role, fn) || (fn.isImplicit && canAggregate(input, role))
  }
  return input.catalog.relations.some(
    (relation) =>
      relation.triggers.some(
        (trigger) =>
          trigger.enabled !== 'disabled' && objectName(trigger.function) === objectName(fn),
      ) &&
      ['INSERT', 'UPDATE', 'DELETE'].some((command) => input.access.can(role, command, relation)),
  )
}

function canAggregate({ catalog, access }: LintInput, role: string): boolean {
  return catalog.functions.some(
    (fn) => fn.kind === 'aggregate' && fn.extension === null && access.canExecute(role, fn),
  )
}

/** Functions of the isolation layer verify the context themselves. */
function isKernel(input: LintInput, fn: FunctionInfo): boolean {
  return (
    fn.schema === 'watertight' && !input.roles.some((role) => input.access.canOwn(role.name, fn))
  )
}

function signature(fn: FunctionInfo): Sql {
  return sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
}

function reaches(
  input: LintInput,
  fn: FunctionInfo,
  callers: readonly string[],
  context: ReadonlySet<string>,
): Finding[] {
  const tokens = tokenize(fn.body)
  const touched = input.tables.tables.filter(
    (table) =>
      input.tables.isProtected(table.name) &&
      mentionsName(tokens, new Set([table.relation.name])) &&
      (!table.relation.rls.enabled || input.access.bypassesRls(fn.owner, table.relation)),
  )
  if (touched.length === 0) return []
  const names = touched.map((table) => table.name)
  const bySecret = asksForSecret(
    fn,
    tokens,
    touched.map(({ relation }) => relation),
    input.catalog.functions,
  )
  const filters = bySecret || readsContext(fn.body, context)
  const name = signature(fn)
  return [
    makeFinding({
      rule: 'security-definer-function',
      severity: filters ? 'info' : 'error',
      object: name.text,
      related: names,
      message: filters
        ? `${name.text} works on ${listed(names)} as ${fn.owner}, past their policies; only ${bySecret ? 'the secret that it asks for' : 'the condition in its body'} keeps tenants apart.`
        : `${name.text} works on ${listed(names)} as ${fn.owner}, past their policies, and its body does not look at the tenant context: ${listed(callers)} reaches the rows of every tenant.`,
      evidence: { owner: fn.owner, roles: callers, tables: names },
      ...(canRunAsCaller(input, fn, callers)
        ? { fix: sql`alter ${routine(fn)} ${name} security invoker;`.text }
        : {
            remedy: `Compare the tenant column of ${listed(names)} with the context in the body, or let the function run as its caller once ${listed(callers)} may work on all that it names.`,
          }),
    }),
  ]
}

function searchPath(input: LintInput, fn: FunctionInfo, callers: readonly string[]): Finding[] {
  const state = searchPathOf(fn)
  const relations = new Set(input.catalog.relations.map((relation) => relation.name))
  const byTable = hasUnqualifiedRelation(fn.body, relations)
  const writable = writableSchemas(input, fn, callers)
  const planted = writable.length > 0 && (byTable || hasUnqualifiedCall(fn.body))
  if (state === 'pinned' && !planted) return []
  const hijackable = planted || byTable
  if (state === 'without-pg-temp' && !hijackable) return []
  const name = signature(fn)
  const path = pinnedPath(input, fn, writable)
  return [
    makeFinding({
      rule: 'security-definer-function',
      severity: hijackable ? 'error' : 'warning',
      object: name.text,
      detail: 'search_path',
      message: planted
        ? `${name.text} leaves open in which schema something is, and ${listed(callers)} can make objects in ${listed(writable)}: what stands there is used as ${fn.owner}.`
        : hijackable
          ? `${name.text} names a table without its schema and does not put pg_temp last in search_path: ${listed(callers)} can put a temporary table in its place and have it used as ${fn.owner}.`
          : `${name.text} runs as ${fn.owner} with the search_path of its caller.`,
      evidence: {
        owner: fn.owner,
        searchPath: fn.settings['search_path'] ?? null,
        roles: callers,
        schemas: writable,
      },
      ...(path === null
        ? {
            remedy: `Write the schema before every name in the body, or revoke CREATE on ${listed(writable)} from ${listed(callers)}.`,
          }
        : { fix: sql`alter ${routine(fn)} ${name} set search_path = ${path};`.text }),
    }),
  ]
}

/** Text of the caller that runs as SQL runs with the rights of the owner. */
function dynamicSql(input: LintInput, fn: FunctionInfo, callers: readonly string[]): Finding[] {
  const spliced = splicedArguments(fn)
  if (spliced.length === 0) return []
  const past = input.tables.tables
    .filter(
      ({ name, relation }) =>
        input.tables.isProtected(name) && input.access.bypassesRls(fn.owner, relation),
    )
    .map(({ name }) => name)
  const name = signature(fn)
  return [
    makeFinding({
      rule: 'security-definer-function',
      severity: past.length > 0 ? 'error' : 'warning',
      object: name.text,
      detail: 'dynamic-sql',
      related: past,
      message: `${name.text} puts ${listed(spliced)} unquoted into SQL that it runs as ${fn.owner}: ${listed(callers)} can have it run whatever they write there.`,
      evidence: { owner: fn.owner, arguments: spliced, roles: callers, tables: past },
      remedy: 'Pass values with USING and quote names with format(%I).',
    }),
  ]
}

function routine(fn: FunctionInfo): Sql {
  return fn.kind === 'procedure' ? sql`procedure` : sql`function`
}
