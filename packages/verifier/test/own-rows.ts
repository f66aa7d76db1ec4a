import { ident, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { prepareRows } from '../src/attack/prepare-rows.js'
import type { Pair } from '../src/attack/principals.js'
import type { ProbeSession, StepResult } from '../src/attack/session.js'
import { planTargets } from '../src/attack/target-list.js'
import type { Target } from '../src/attack/target.js'
import { commands } from '../src/lint/reach.js'
import type { LintInput } from '../src/lint/rule.js'

/** How many rows one command of one role reached: those of its own tenant, and others. */
export interface Reached {
  /** `role command object`. */
  readonly cell: string
  readonly object: string
  readonly own: number
  readonly foreign: number
}

const pair: Pair = {
  own: { tenant: 'a', user: 'user-a' },
  foreign: { tenant: 'b', user: 'user-b' },
  memberships: null,
  synthetic: true,
}
const context: readonly (readonly [string, string])[] = [
  ['app.tenant_id', 'a'],
  ['app.user_id', 'user-a'],
]

/** Makes a row of each of two tenants in every protected table; a row that cannot be is left out. */
export async function makeRows(input: LintInput, session: ProbeSession): Promise<void> {
  for (const { target, targets } of tablesOf(input)) {
    await prepareRows(input, session, targets, target, pair)
  }
}

/** What every runtime role reaches under the context of the first tenant. Changes nothing. */
export async function reachedRows(
  input: LintInput,
  session: ProbeSession,
): Promise<readonly Reached[]> {
  const found: Reached[] = []
  for (const { object, target } of tablesOf(input)) {
    for (const { name: role } of input.roles) {
      for (const command of commands) {
        const reach = (foreign: boolean): Promise<number> =>
          session.attempt(() => reachers[command]({ input, session, target, role }, foreign))
        const all = { own: await reach(false), foreign: await reach(true) }
        found.push({ cell: [role, command, object].join(' '), object, ...all })
      }
    }
  }
  return found
}

function tablesOf(input: LintInput): ReturnType<typeof planTargets>['entries'] {
  return planTargets(input).entries.filter(
    ({ target }) => target === undefined || target.table.relation.kind.includes('table'),
  )
}

interface Cell {
  readonly input: LintInput
  readonly session: ProbeSession
  readonly target: Target
  readonly role: string
}

const reachers: Readonly<
  Record<(typeof commands)[number], (cell: Cell, foreign: boolean) => Promise<number>>
> = {
  SELECT: async (cell, foreign) => {
    const read = await asRole(
      cell,
      sql`select count(*)::int as n from ${cell.target.name} r where ${side(cell.target, foreign)}`,
    )
    return read.ok ? Number(read.rows[0]?.['n']) : 0
  },
  UPDATE: async (cell, foreign) => {
    const { relation } = cell.target.table
    const column = cell.input.access
      .columns(cell.role, 'UPDATE', relation)
      .find((name) => relation.columns.some((c) => c.name === name && c.generated === null))
    if (column === undefined) return 0
    const set = sql`update ${cell.target.name} r set ${ident(column)} = r.${ident(column)}`
    return written(cell, set, foreign)
  },
  DELETE: (cell, foreign) => written(cell, sql`delete from ${cell.target.name} r`, foreign),
  INSERT: async (cell, foreign) => {
    const { relation } = cell.target.table
    const writable = cell.input.access.columns(cell.role, 'INSERT', relation)
    const names = relation.columns
      .filter(({ name, generated }) => generated === null && writable.includes(name))
      .map(({ name }) => ident(name))
    const taken = await cell.session.admin(
      sql`with gone as (delete from ${cell.target.name} r where ${side(cell.target, foreign)} returning to_jsonb(r) as row)
        select row::text as row from gone limit 1`,
    )
    const row = taken.ok ? taken.rows[0]?.['row'] : undefined
    if (typeof row !== 'string' || names.length === 0) return 0
    const list = joinSql(names)
    const stored = await asRole(
      cell,
      sql`insert into ${cell.target.name} (${list}) overriding system value
        select ${list} from jsonb_populate_record(null::${cell.target.name}, $1::jsonb)`,
      [row],
    )
    return stored.ok ? stored.rowCount : 0
  },
}

/** Without WHERE no SELECT policy has a say; what is written beyond its own rows is foreign. */
async function written(cell: Cell, statement: Sql, foreign: boolean): Promise<number> {
  const own = await cell.session.attempt(() =>
    asRole(cell, sql`${statement} where ${side(cell.target, false)}`),
  )
  const ownCount = own.ok ? own.rowCount : 0
  if (!foreign) return ownCount
  const all = await asRole(cell, statement)
  return all.ok ? Math.max(0, all.rowCount - ownCount) : 0
}

function side({ key, keyType }: Target, foreign: boolean): Sql {
  return foreign ? sql`${key} <> 'a'::${keyType}` : sql`${key} = 'a'::${keyType}`
}

function asRole(cell: Cell, statement: Sql, values: readonly unknown[] = []): Promise<StepResult> {
  return cell.session.as(cell.role, context, statement, values)
}
