import type { FunctionInfo } from 'watertight/catalog'
import {
  dollarQuoted,
  ident,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { parseSqlFunctionBody } from '../../expr/index.js'
import { printSelect } from '../../expr/print/print.js'
import { objectName } from '../../graph/object-name.js'
import type { MutantDraft, MutationSubject } from '../mutant.js'
import { weakenedSelect } from '../weaken.js'

/** Functions that policies, views and other functions of the isolation layer rest on. */
export function functionMutants(subject: MutationSubject): readonly MutantDraft[] {
  return subject.catalog.functions
    .filter((fn) => isPlain(fn) && isUsed(subject, fn))
    .flatMap((fn) => mutantsOf(subject, fn))
}

function isPlain({ kind, language, extension, schema }: FunctionInfo): boolean {
  const isText = language === 'sql' || language === 'plpgsql'
  return kind === 'function' && isText && extension === null && schema !== 'pg_catalog'
}

function isUsed({ catalog, tables }: MutationSubject, fn: FunctionInfo): boolean {
  const word = new RegExp(`(^|[^\\w$])"?${escaped(fn.name)}"?\\s*\\(`, 'i')
  return (
    tables.some(({ relation }) =>
      relation.policies.some(
        ({ using, withCheck }) => word.test(using ?? '') || word.test(withCheck ?? ''),
      ),
    ) ||
    catalog.relations.some(({ definition }) => word.test(definition ?? '')) ||
    catalog.functions.some((other) => other !== fn && isPlain(other) && word.test(other.body))
  )
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function mutantsOf({ catalog }: MutationSubject, fn: FunctionInfo): readonly MutantDraft[] {
  const object = `${objectName(fn)}(${fn.identityArguments})`
  const identity = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
  const unchanged = sql`select exists (select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = ${literal(fn.schema)} and p.proname = ${literal(fn.name)} and pg_catalog.pg_get_function_identity_arguments(p.oid) = ${literal(fn.identityArguments)} and p.prosrc = ${literal(fn.body)})`
  const found: MutantDraft[] = []
  const readsTables = catalog.relations.some(({ name }) =>
    new RegExp(`(^|[^\\w$])"?${escaped(name)}"?([^\\w$]|$)`, 'i').test(fn.body),
  )
  if (!fn.securityDefiner && readsTables) {
    found.push({
      kind: 'function-definer',
      object,
      description: 'the function runs with the rights of its owner',
      up: [sql`alter function ${identity} security definer`],
      guard: sql`select not p.prosecdef from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = ${literal(fn.schema)} and p.proname = ${literal(fn.name)} and pg_catalog.pg_get_function_identity_arguments(p.oid) = ${literal(fn.identityArguments)}`,
    })
  }
  if (fn.returns === 'boolean' && !fn.returnsSet) {
    found.push({
      kind: 'function-true',
      object,
      description: 'the function returns true, whatever it is asked',
      up: [created(fn, 'sql', 'select true')],
      guard: unchanged,
    })
  }
  for (const [index, weak] of weakBodies(fn).entries()) {
    found.push({
      kind: 'function-search-widened',
      object,
      detail: String(index + 1),
      description: `its query: ${weak.description}`,
      up: [created(fn, 'sql', weak.body)],
      guard: unchanged,
    })
  }
  return found
}

function weakBodies(fn: FunctionInfo): readonly { description: string; body: string }[] {
  if (fn.language !== 'sql' || /^\s*(return|begin\s+atomic)\b/i.test(fn.body)) return []
  try {
    const { statements } = parseSqlFunctionBody(fn.body, { returns: fn.returns, argNames: [] })
    const [only] = statements
    if (statements.length !== 1 || only?.kind !== 'query') return []
    return weakenedSelect(only.select).map(({ description, select }) => ({
      description,
      body: printSelect(select).text,
    }))
  } catch {
    return []
  }
}

function created(fn: FunctionInfo, language: 'sql', body: string): Sql {
  const settings = Object.entries(fn.settings).map(([name, value]) =>
    name === 'search_path'
      ? sql`set search_path to ${trustedSql(value)}`
      : sql`set ${trustedSql(name)} to ${literal(value)}`,
  )
  return joinSql(
    [
      sql`create or replace function ${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.arguments)}) returns ${trustedSql(fn.returns)}`,
      sql`language ${ident(language)} ${trustedSql(fn.volatility)} ${trustedSql(`parallel ${fn.parallel}`)}`,
      ...(fn.strict ? [sql`strict`] : []),
      ...(fn.securityDefiner ? [sql`security definer`] : []),
      ...settings,
      sql`as ${dollarQuoted(trustedSql(body))}`,
    ],
    ' ',
  )
}
