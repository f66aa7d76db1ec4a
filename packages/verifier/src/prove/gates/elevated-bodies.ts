import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import { oncePer } from '../../graph/once-per.js'
import { runtimeRoles } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'

/** The role may call the function, or makes it run as a trigger. */
export function canHaveRun({ catalog, access }: Subject, role: string, fn: FunctionInfo): boolean {
  if (fn.returns !== 'trigger') return access.canExecute(role, fn)
  return catalog.relations.some(
    (relation) =>
      relation.triggers.some(
        ({ function: target, enabled }) =>
          enabled !== 'disabled' && target.schema === fn.schema && target.name === fn.name,
      ) && ['INSERT', 'UPDATE', 'DELETE'].some((command) => access.can(role, command, relation)),
  )
}

/**
 * Functions that may run with other rights than those of a runtime role while a statement of that
 * role runs: too many rather than too few, since a function counts as called where its name is found.
 */
export const elevatedBodies: (subject: Subject) => readonly FunctionInfo[] = oncePer((subject) => {
  const { catalog, model } = subject
  const roles = runtimeRoles(model, catalog).map(({ name }) => name)
  const own = catalog.functions.filter(
    ({ schema, extension }) => schema !== 'pg_catalog' && extension === null,
  )
  const byName = grouped(own)
  const found = new Set(
    own.filter(
      (fn) =>
        fn.isImplicit ||
        fn.returns.endsWith('trigger') ||
        (fn.securityDefiner && roles.some((role) => canHaveRun(subject, role, fn))),
    ),
  )
  for (const name of namesBeside(catalog)) for (const fn of byName.get(name) ?? []) found.add(fn)
  for (const fn of found) {
    for (const { text } of tokenize(fn.body)) {
      for (const called of [
        ...(byName.get(text) ?? []),
        ...(byName.get(text.toLowerCase()) ?? []),
      ]) {
        found.add(called)
      }
    }
  }
  return [...found]
})

/** Names in all that PostgreSQL evaluates beside bodies: for a definer's statements as the definer. */
function namesBeside({ relations }: CatalogSnapshot): ReadonlySet<string> {
  const texts = relations.flatMap((relation) => [
    relation.definition,
    ...relation.columns.map(({ defaultExpression }) => defaultExpression),
    ...relation.policies.flatMap(({ using, withCheck }) => [using, withCheck]),
    ...relation.constraints.map(({ definition }) => definition),
    ...relation.rules.map(({ definition }) => definition),
    ...relation.triggers.map(({ definition }) => definition),
  ])
  return new Set(texts.flatMap((text) => tokenize(text ?? '').map((token) => token.text)))
}

function grouped(functions: readonly FunctionInfo[]): ReadonlyMap<string, readonly FunctionInfo[]> {
  const byName = new Map<string, FunctionInfo[]>()
  for (const fn of functions) byName.set(fn.name, [...(byName.get(fn.name) ?? []), fn])
  return byName
}
