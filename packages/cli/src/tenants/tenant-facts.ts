import { WatertightError } from 'watertight/errors'
import { parseTableName, tenantColumnOf } from 'watertight/model'
import type { TableName, TenancyModel } from 'watertight/model'
import { ident, literal, qualifiedName, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import type { TenantFacts } from 'watertight/tenants'

/** Where name and legal hold of a tenant are kept. */
export interface TenantFactFlags {
  readonly nameColumn?: string | undefined
  readonly holdTable?: string | undefined
  readonly holdColumn?: string | undefined
  readonly noLegalHolds?: boolean | undefined
}

/**
 * Reads what erasing a tenant asks for, as the flags say.
 *
 * @throws USAGE when the declaration has no table of tenants, or the flags do not say where legal
 * holds are kept.
 */
export function tenantFactsReader(
  model: TenancyModel,
  flags: TenantFactFlags,
): (db: Queryable, tenantId: string) => Promise<TenantFacts | null> {
  const { table } = model.tenantKey
  if (table === null) {
    throw new WatertightError('USAGE', 'the declaration names no table of tenants', {
      hint: 'Declare tenantKey.table.',
    })
  }
  const t = sql`t`
  const hold = holdOf(model, t, flags)
  const name = ident(flags.nameColumn ?? 'name')
  const key = ident(tenantColumnOf(model, table))
  return async (db, tenantId) => {
    const { rows } = await db.query<{ name: string; hold: string | null }>(
      sql`select ${t}.${name}::text as name, ${hold} as hold
        from ${qualifiedName(table.schema, table.name)} ${t}
        where ${t}.${key}::text = ${literal(tenantId)}`.text,
    )
    const [row] = rows
    return row ? { name: row.name, legalHold: row.hold } : null
  }
}

function holdOf(model: TenancyModel, tenant: Sql, flags: TenantFactFlags): Sql {
  const { holdTable, holdColumn, noLegalHolds } = flags
  const given = [holdTable, holdColumn, noLegalHolds || undefined].filter(Boolean)
  if (given.length !== 1) {
    throw new WatertightError('USAGE', 'say where legal holds are kept, in one way', {
      hint: 'One of --hold-table, --hold-column and --no-legal-holds.',
    })
  }
  if (holdColumn !== undefined) return sql`${tenant}.${ident(holdColumn)}::text`
  if (holdTable === undefined) return sql`null::text`
  const table: TableName = parseTableName(holdTable)
  const keyTable = model.tenantKey.table
  const key = keyTable === null ? model.tenantKey.column : tenantColumnOf(model, keyTable)
  return sql`(select coalesce(h.reason::text, '') from ${qualifiedName(table.schema, table.name)} h
    where h.${ident(tenantColumnOf(model, table))} = ${tenant}.${ident(key)}
      and h.released_at is null limit 1)`
}
