import { objectName } from '../../graph/object-name.js'
import type { LintInput } from '../../lint/rule.js'
import { sql } from 'watertight/sql'
import { prepareRows, synthesisFor } from '../prepare-rows.js'
import { choosePair, keyOn } from '../principals.js'
import type { Pair, Principal } from '../principals.js'
import type { ProbeSession } from '../session.js'
import { insertRow } from '../synthesis/insert-row.js'
import type { Values } from '../synthesis/values.js'
import type { Target } from '../target.js'
import { countingColumns, deletion, insertion, textColumns } from './row-statements.js'

/** What the worlds hold of one table. */
export interface TableInWorlds {
  readonly target: Target
  /** A valid row of the attacker's tenant that is not stored. */
  readonly fresh: Values | null
  /** Rows of the other tenant: one world keeps them, the others do not. */
  readonly extras: readonly Values[]
}

/** What the worlds share, and what will tell them apart. */
export interface PreparedWorlds {
  readonly pair: Pair
  /** In the order in which the rows were made. */
  readonly tables: readonly TableInWorlds[]
}

const extraRows = 3

/** Stores rows of two tenants in every table, and in the end some more of the second one's. */
export async function prepareWorlds(
  input: LintInput,
  session: ProbeSession,
  targets: ReadonlyMap<string, Target>,
): Promise<PreparedWorlds> {
  let pair = await choosePair(input, session, [...targets.values()])
  for (const target of targets.values()) {
    const rows = await prepareRows(input, session, targets, target, pair)
    // The membership that makes two made-up tenants real is stored once.
    if (typeof rows !== 'string') pair = { ...pair, synthetic: false }
  }
  const extras = new Map<Target, Values[]>()
  for (let n = 0; n < extraRows; n += 1) {
    for (const target of targets.values()) {
      const made = await newRow(input, session, targets, target, pair.foreign)
      if (made !== null) extras.set(target, [...(extras.get(target) ?? []), made])
    }
  }
  const tables: TableInWorlds[] = []
  for (const target of targets.values()) {
    const fresh = await session.attempt(() => newRow(input, session, targets, target, pair.own))
    tables.push({ target, fresh, extras: extras.get(target) ?? [] })
  }
  return { pair, tables }
}

async function newRow(
  input: LintInput,
  session: ProbeSession,
  targets: ReadonlyMap<string, Target>,
  target: Target,
  principal: Principal,
): Promise<Values | null> {
  const key = keyOn(target, principal)
  if (key === null) return null
  const { relation, through } = target.table
  const fixed: Record<string, string | null> = {}
  if (target.keyColumn !== null) fixed[target.keyColumn] = key
  else if (through !== null) {
    const parent = targets.get(objectName(through.parent))
    const row = parent && (await storedRow(session, parent, key))
    if (!row) return null
    for (const [index, column] of through.columns.entries()) {
      fixed[column] = row[through.parentColumns[index] ?? ''] ?? null
    }
  }
  const made = await insertRow(synthesisFor(input, session, targets, principal), relation, fixed)
  return typeof made === 'string' ? null : made
}

async function storedRow(
  session: ProbeSession,
  { name, table, key, keyType }: Target,
  wanted: string,
): Promise<Values | null> {
  const columns = textColumns(table.relation)
  const read = await session.keep(() =>
    session.admin(
      sql`select ${columns} from ${name} r where ${key} = $1::${keyType} order by 1 limit 1`,
      [wanted],
    ),
  )
  return read.ok ? ((read.rows[0] as Values | undefined) ?? null) : null
}

/** Takes away the rows that only the other world keeps; says in how many tables it could. */
export async function removeExtras(
  session: ProbeSession,
  { tables }: PreparedWorlds,
): Promise<number> {
  const removedFrom = new Set<Target>()
  // Children may have been made before their parents: what is refused at first may go later.
  for (let round = 0; round < 3; round += 1) {
    for (const { target, extras } of tables) {
      for (const row of extras) {
        const step = await session.keep(() => session.admin(...deletion(target, row)))
        if (step.ok && step.rowCount > 0) removedFrom.add(target)
      }
    }
  }
  return removedFrom.size
}

/** Makes one row of the other tenant anew in every table with a sequence, as its users would. */
export async function addThroughSequences(
  session: ProbeSession,
  { tables }: PreparedWorlds,
): Promise<void> {
  for (const { target, extras } of tables) {
    const { relation } = target.table
    const [row] = extras
    const counting = countingColumns(relation)
    if (row === undefined || counting.length === 0) continue
    await session.keep(async () => {
      await session.admin(...deletion(target, row))
      return session.admin(...insertion(relation, row, counting))
    })
  }
}
