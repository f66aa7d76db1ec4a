import { smaller } from './expression.js'
import type { Node } from './expression.js'
import type { FuzzFunction, FuzzPolicy, FuzzTable, World } from './world.js'

/**
 * The smallest world found in which something still holds: tables, contexts, policies, functions and
 * rows are left out, expressions replaced by their parts. Deterministic; ends after the given number
 * of tries.
 */
export async function shrinkWorld(
  world: World,
  holds: (candidate: World) => Promise<boolean>,
  tries: number,
): Promise<World> {
  let best = world
  let left = tries
  let isSmaller = true
  while (isSmaller && left > 0) {
    isSmaller = false
    for (const candidate of candidates(best)) {
      if (left <= 0) break
      left -= 1
      if (!(await holds(candidate))) continue
      best = candidate
      isSmaller = true
      break
    }
  }
  return best
}

function* candidates(world: World): Generator<World> {
  const { tables, writes, contexts, functions } = world
  const named = tables.flatMap(({ name }, index) => (name.startsWith('t') ? [index] : []))
  if (named.length > 1) {
    for (const index of named) {
      const keep = (_: unknown, at: number): boolean => at === index || !named.includes(at)
      yield { ...world, tables: tables.filter(keep), writes: writes.filter(keep) }
    }
  }
  if (contexts.length > 1) {
    for (const only of contexts) yield { ...world, contexts: [only] }
  }
  for (const index of functions.keys()) {
    yield { ...world, functions: functions.toSpliced(index, 1) }
  }
  for (const [index, table] of tables.entries()) {
    for (const less of smallerTables(table)) yield { ...world, tables: tables.with(index, less) }
  }
  for (const [index, fn] of functions.entries()) {
    for (const body of smaller(fn.body)) {
      const less: FuzzFunction = { ...fn, body }
      yield { ...world, functions: functions.with(index, less) }
    }
  }
}

function* smallerTables(table: FuzzTable): Generator<FuzzTable> {
  const { policies, rows, constraints } = table
  for (const index of policies.keys()) yield { ...table, policies: policies.toSpliced(index, 1) }
  if (table.name.startsWith('t') && rows.length > 1) {
    for (const row of rows) yield { ...table, rows: [row] }
  }
  for (const [index, policy] of policies.entries()) {
    for (const less of smallerPolicies(policy)) {
      yield { ...table, policies: policies.with(index, less) }
    }
  }
  for (const index of rows.keys()) yield { ...table, rows: rows.toSpliced(index, 1) }
  for (const index of constraints.keys()) {
    if (!constraints[index]?.startsWith('foreign key')) {
      yield { ...table, constraints: constraints.toSpliced(index, 1) }
    }
  }
}

function* smallerPolicies(policy: FuzzPolicy): Generator<FuzzPolicy> {
  const { using, check } = policy
  if (using !== null && check !== null) yield { ...policy, check: null }
  if (policy.roles.length > 0) yield { ...policy, roles: [] }
  const parts: (readonly ['using' | 'check', Node | null])[] = [
    ['using', using],
    ['check', check],
  ]
  for (const [side, whole] of parts) {
    if (whole === null) continue
    for (const less of smaller(whole)) yield { ...policy, [side]: less }
  }
}
