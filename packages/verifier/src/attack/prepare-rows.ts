import { ident, qualifiedName, sql } from 'watertight/sql'
import type { LintInput } from '../lint/rule.js'
import { objectName } from '../graph/object-name.js'
import type { Pair, Principal } from './principals.js'
import { keyOn, membershipTable } from './principals.js'
import { sampleRows } from './samples.js'
import type { RowSample } from './samples.js'
import type { ProbeSession } from './session.js'
import { insertRow } from './synthesis/insert-row.js'
import type { Synthesis } from './synthesis/synthesis.js'
import type { Values } from './synthesis/values.js'
import type { Target } from './target.js'
import { principalSettings } from './tenant-context/principal-settings.js'

/** Rows of both sides on one table. */
export interface PreparedRows {
  readonly own: RowSample
  readonly foreign: RowSample
}

/** Finds rows of both sides, and makes those that do not exist. They vanish with the transaction. */
export async function prepareRows(
  input: LintInput,
  session: ProbeSession,
  targets: ReadonlyMap<string, Target>,
  target: Target,
  pair: Pair,
): Promise<PreparedRows | string> {
  if (pair.synthetic && pair.memberships !== null && !(await isMember(session, pair))) {
    const member = await insertRow(
      synthesisFor(input, session, targets, pair.own),
      pair.memberships.relation,
      {
        [pair.memberships.user]: pair.own.user,
        [pair.memberships.tenant]: pair.own.tenant,
      },
    )
    if (typeof member === 'string') return member
  }
  const plain = (principal: Principal): Synthesis => ({
    ...synthesisFor(input, session, targets, principal),
    pastTriggers: true,
  })
  const own = await rowsOf(plain(pair.own), target, pair.own)
  if (typeof own === 'string') return own
  const foreign = await rowsOf(plain(pair.foreign), target, pair.foreign)
  return typeof foreign === 'string' ? foreign : { own, foreign }
}

/** The attacker is a member already, by a table that was prepared before in the same transaction. */
async function isMember(session: ProbeSession, { own, memberships }: Pair): Promise<boolean> {
  if (own.user === null || memberships === null) return true
  const { relation, user, tenant } = memberships
  const found = await session.admin(
    sql`select from ${qualifiedName(relation.schema, relation.name)} where ${ident(user)}::text = $1 and ${ident(tenant)}::text = $2`,
    [own.user, own.tenant],
  )
  return found.ok && found.rowCount > 0
}

/** What rows of a principal are made with. */
export function synthesisFor(
  input: LintInput,
  session: ProbeSession,
  targets: ReadonlyMap<string, Target>,
  principal: Principal,
): Synthesis {
  let last = Math.floor(Math.random() * 100_000_000)
  return {
    catalog: input.catalog,
    session,
    targets,
    tenant: principal.tenant,
    user: principal.user,
    memberships: membershipTable(input),
    settings: principalSettings(input, principal),
    serial: () => {
      last += 1
      return last
    },
  }
}

async function rowsOf(
  synthesis: Synthesis,
  target: Target,
  principal: Principal,
): Promise<RowSample | string> {
  const key = keyOn(target, principal)
  if (key === null) return 'no user of that tenant is known'
  const existing = await sampleRows(synthesis.session, target, key)
  if (existing.places.length > 0) return existing
  const made = await makeRow(synthesis, target, key)
  if (typeof made === 'string') return made
  const sample = await sampleRows(synthesis.session, target, key)
  return sample.places.length > 0 ? sample : 'a row was made but did not keep its key'
}

async function makeRow(
  synthesis: Synthesis,
  target: Target,
  key: string,
): Promise<Values | string> {
  const { relation, through } = target.table
  if (target.keyColumn !== null) return insertRow(synthesis, relation, { [target.keyColumn]: key })
  const parent = through && synthesis.targets.get(objectName(through.parent))
  if (!parent) return 'the parent table cannot be used'
  const made = await makeRow(synthesis, parent, key)
  if (typeof made === 'string' || through === null) return made
  const fixed: Record<string, string | null> = {}
  for (const [index, column] of through.columns.entries()) {
    fixed[column] = made[through.parentColumns[index] ?? ''] ?? null
  }
  return insertRow(synthesis, relation, fixed)
}
