import type { CommonTable, QueryTail, Select } from '../ir/select.js'
import type { Scope, ScopeCte } from './scope.js'
import type { Session } from './session.js'

/** Resolves the common tables of a query and puts them in reach. */
export function resolveCtes(
  tail: QueryTail,
  outer: Scope,
  session: Session,
): { ctes: readonly CommonTable[]; scope: Scope } {
  // Without RECURSIVE a common table sees only those before it, and not itself.
  let known: readonly ScopeCte[] = tail.recursive
    ? tail.ctes.map(({ name }) => ({ name, columns: null, select: null }))
    : []
  const ctes: CommonTable[] = []
  for (const table of tail.ctes) {
    if (tail.recursive) {
      const columns = recursiveColumns(table, { items: [], ctes: known, outer }, session)
      known = [...known, { name: table.name, columns, select: null }]
    }
    const resolved = session.select(table.select, { items: [], ctes: known, outer })
    const columns = renamed(resolved.columns, table.columns)
    ctes.push({ ...table, select: resolved.select })
    known = [...known, { name: table.name, columns, select: resolved.select }]
  }
  return { ctes, scope: { items: [], ctes: known, outer } }
}

/** The columns of a recursive table are those of its first branch, which does not refer to it. */
function recursiveColumns(
  table: CommonTable,
  scope: Scope,
  session: Session,
): readonly string[] | null {
  let first: Select = table.select
  while (first.kind === 'set-operation') first = first.left
  return renamed(session.fork().select(first, scope).columns, table.columns)
}

function renamed(
  columns: readonly string[] | null,
  names: readonly string[],
): readonly string[] | null {
  return columns?.map((name, index) => names[index] ?? name) ?? (names.length > 0 ? names : null)
}
