import { randomUUID } from 'node:crypto'
import { orgColumnOf } from 'watertight/model'
import { ident, sql } from 'watertight/sql'
import type { LintInput } from '../../lint/rule.js'
import type { Probe } from '../attack.js'
import { notPublic } from '../public-rows.js'
import { inSample } from '../samples.js'
import type { RowSample } from '../samples.js'
import type { ContextSettings } from '../session.js'
import type { Target } from '../target.js'

/** Rows of the attacker's tenant that say their org unit, and contexts inside and outside of it. */
export interface UnitRows {
  readonly rows: RowSample
  /** A context of the tenant whose scope is the units of the rows. */
  readonly inside: ContextSettings
  /** The same for a unit that has no row and, where a scope says so itself, for no unit. */
  readonly outside: readonly ContextSettings[]
}

/** The units of a context come from a setting, and rows of the table say theirs. */
export function isBoundByUnits(input: LintInput, { table, boundary }: Target): boolean {
  const { context } = input.model
  return (
    context.kind === 'guc' &&
    context.orgUnits !== null &&
    table.scope === 'org' &&
    boundary === 'tenant' &&
    unitColumn(input, table) !== null
  )
}

function unitColumn({ model }: LintInput, { relation }: Target['table']): string | null {
  const name = orgColumnOf(model, relation)
  return relation.columns.some((column) => column.name === name) ? name : null
}

/** Rows that are tenant-wide, public or the attacker's own are nobody else's unit's. */
export async function unitRows(probe: Probe): Promise<UnitRows | string> {
  const { input, session, target, ownRows } = probe
  const column = unitColumn(input, target.table)
  const hidden = notPublic(target)
  if (column === null || hidden === null) return 'no row is bound to an org unit'
  const found = await session.admin(
    sql`select r.tableoid::text as t, r.ctid::text as c, r.${ident(column)}::text as u from ${target.name} r where ${inSample} and r.${ident(column)} is not null and ${hidden} and strpos(r::text, $3) = 0`,
    [ownRows.tables, ownRows.places, probe.ownPrincipal.user ?? randomUUID()],
  )
  const read = found.ok ? (found.rows as { t: string; c: string; u: string }[]) : []
  if (read.length === 0) return 'no row is bound to an org unit'
  const units = [...new Set(read.map(({ u }) => u))]
  return {
    rows: { tables: read.map(({ t }) => t), places: read.map(({ c }) => c) },
    inside: scopedTo(probe, units),
    outside: [
      scopedTo(probe, [strangerTo(probe)]),
      ...(hasScope(input) ? [scopedTo(probe, [])] : []),
    ],
  }
}

/** Without a scope beside it, an empty list may well stand for the whole tenant. */
function hasScope({ model: { context } }: LintInput): boolean {
  return context.kind === 'guc' && context.orgScope !== null
}

function scopedTo({ input, context }: Probe, units: readonly string[]): ContextSettings {
  const { context: source } = input.model
  if (source.kind !== 'guc') return context
  return context.map(([name, value]) => {
    if (name === source.orgUnits) return [name, units.join(',')] as const
    return name === source.orgScope ? ([name, 'unit'] as const) : ([name, value] as const)
  })
}

/** A unit that nothing belongs to. */
function strangerTo({ input }: Probe): string {
  const type = input.model.orgUnits?.type ?? 'uuid'
  if (type === 'uuid') return randomUUID()
  const number = Math.floor(Math.random() * 1_000_000)
  return type === 'bigint' ? String(900_000_000 + number) : `watertight-probe-${number}`
}
