import { readCatalog } from '../../catalog/index.js'
import type { CatalogSnapshot } from '../../catalog/index.js'
import { WatertightError } from '../../errors/index.js'
import { formatTableName, tenantColumnOf } from '../../model/index.js'
import type { TenancyModel } from '../../model/index.js'
import { bindModel } from '../../plan/index.js'
import type { BoundTable } from '../../plan/index.js'
import { rowPredicate } from '../../plan/predicates.js'
import { ident, joinSql, literal, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Queryable, Sql } from '../../sql/index.js'
import { deletionOrder } from './deletion-order.js'
import type { ErasedTable, ErasureReport } from './erasure-report.js'
import { signReport } from './erasure-report.js'
import { withForceLifted } from './lifted-force.js'
import { findRemaining } from './remaining-rows.js'
import type { Remaining, Search } from './remaining-rows.js'

/** What an application knows of a tenant that is to be erased. */
export interface TenantFacts {
  /** What a person types to confirm. */
  readonly name: string
  /** Why nothing of it may be erased; null without a legal hold. */
  readonly legalHold: string | null
}

export interface EraseOptions {
  readonly model: TenancyModel
  readonly tenantId: string
  /** Reads name and legal hold, in the transaction that erases; null when there is no such tenant. */
  readonly facts: (db: Queryable, tenantId: string) => Promise<TenantFacts | null>
  /** The name of the tenant, as a person has typed it. */
  readonly confirm: string
  /** Only counts. */
  readonly isDryRun?: boolean
  /** How far rows are looked for afterwards; `columns` by default. */
  readonly search?: Search
  /** Milliseconds to wait for a table that has to be locked; 5,000 by default. */
  readonly lockTimeout?: number
  /** Signs the report. */
  readonly signingKey?: Uint8Array
  readonly now?: () => Date
}

/**
 * Deletes every row of a tenant, append-only tables included, in one transaction: children before
 * parents, tables that refer to each other together. Then it looks for what is left by the catalog
 * alone, and commits only if that is nothing. Triggers and foreign keys hold as for any other DELETE; a
 * trigger that keeps rows for good finds the tenant in the setting `watertight.erasing` and can let
 * the owner of its table pass.
 *
 * A role without BYPASSRLS has FORCE lifted from its tables meanwhile, which locks all of them against
 * everyone until the end: do it in a quiet hour. One with BYPASSRLS locks nothing but the rows.
 *
 * @param db one connection, outside a transaction, of the role that owns the tables (the migrator), or
 * of one that Row Level Security does not bind.
 * @throws NOT_FOUND for a tenant that is not there; LEGAL_HOLD; CONSENT_REQUIRED when `confirm` is not
 * its name; ROWS_HIDDEN when the role does not see every row; LOCK_NOT_AVAILABLE; ERASURE_INCOMPLETE when rows would be
 * left, or something else refers to them. In all these cases nothing was erased.
 * @example
 * ```ts
 * const report = await eraseTenant(migrator, { model, tenantId, facts, confirm: 'Acme Ltd' })
 * report.remaining.every(({ rows }) => rows === 0) // true
 * ```
 */
export async function eraseTenant(db: Queryable, options: EraseOptions): Promise<ErasureReport> {
  const { model, now = () => new Date() } = options
  const startedAt = now().toISOString()
  if (options.search === 'everything' && model.tenantKey.type !== 'uuid') {
    throw new WatertightError(
      'INVALID_INPUT',
      'only an id that is a uuid can be told in any text',
      {
        object: 'search',
      },
    )
  }
  const snapshot = await readCatalog(db, { schemas: 'all' })
  await db.query('begin')
  try {
    // Whatever hides a row from this role is an error, rather than a row that is left.
    await db.query('set local row_security = off')
    await db.query(`select set_config('watertight.erasing', $1, true)`, [options.tenantId])
    const report = await withForceLifted(db, options.lockTimeout ?? 5000, () =>
      eraseWithin(db, snapshot, options),
    )
    await db.query(options.isDryRun === true ? 'rollback' : 'commit')
    const { version, database } = snapshot.server
    return signReport(
      {
        format: 'watertight erasure report 1',
        tenantId: options.tenantId,
        tenantName: report.facts.name,
        isDryRun: options.isDryRun ?? false,
        legalHold: report.facts.legalHold,
        server: { version, database },
        startedAt,
        finishedAt: now().toISOString(),
        tables: report.tables,
        remaining: report.remaining,
        untouched: untouchedBy(model, report.tables),
      },
      options.signingKey ?? null,
    )
  } catch (error) {
    await db.query('rollback')
    throw translate(error)
  }
}

function untouchedBy(model: TenancyModel, erased: readonly ErasedTable[]): readonly string[] {
  const touched = new Set(erased.map(({ table }) => table))
  return model.tables
    .map(({ table }) => formatTableName(table))
    .filter((name) => !touched.has(name))
}

async function eraseWithin(
  db: Queryable,
  snapshot: CatalogSnapshot,
  options: EraseOptions,
): Promise<{ facts: TenantFacts; tables: ErasedTable[]; remaining: readonly Remaining[] }> {
  const { model, tenantId, isDryRun = false, search = 'columns' } = options
  await lockTenant(db, model, tenantId)
  const facts = await requireConsent(db, options)
  const bound = bindModel(model, snapshot, {})
  const owned = bound.tables.filter(({ tenant, isPartition }) => tenant !== null && !isPartition)
  const byRelation = new Map(owned.map((table) => [table.relation, table]))
  const groups = deletionOrder([...byRelation.keys()]).map((group) =>
    group.flatMap((relation) => byRelation.get(relation) ?? []),
  )
  const tables: ErasedTable[] = []
  for (const group of groups) {
    const before = await countRows(db, group, tenantId)
    const deleted = isDryRun ? before.map(() => 0) : await deleteRows(db, group, tenantId)
    for (const [position, { relation }] of group.entries()) {
      const count = before[position] ?? 0
      const gone = deleted[position] ?? 0
      tables.push({ table: formatTableName(relation), before: count, deleted: gone, after: 0 })
    }
  }
  const after = await countRows(db, groups.flat(), tenantId)
  const counted = tables.map((table, position) => ({ ...table, after: after[position] ?? 0 }))
  const remaining = await findRemaining(
    db,
    tenantId,
    tenantColumnsOf(model),
    model.tenantKey.table &&
      qualifiedName(model.tenantKey.table.schema, model.tenantKey.table.name),
    search,
  )
  if (!isDryRun) requireNothingLeft(counted, remaining)
  return { facts, tables: counted, remaining }
}

/** Nobody adds a row that refers to the tenant while its row is locked. */
async function lockTenant(db: Queryable, model: TenancyModel, tenantId: string): Promise<void> {
  const { table } = model.tenantKey
  if (table === null) return
  const column = ident(tenantColumnOf(model, table))
  const { rows } = await db.query(
    sql`select from ${qualifiedName(table.schema, table.name)}
      where ${column}::text = ${literal(tenantId)} for update`.text,
  )
  if (rows.length === 0) throw noTenant()
}

function noTenant(): WatertightError {
  return new WatertightError('NOT_FOUND', 'there is no such tenant')
}

async function requireConsent(db: Queryable, options: EraseOptions): Promise<TenantFacts> {
  const { tenantId, confirm, isDryRun } = options
  const facts = await options.facts(db, tenantId)
  if (facts === null) throw noTenant()
  if (isDryRun === true) return facts
  if (facts.legalHold !== null) {
    throw new WatertightError('LEGAL_HOLD', `the tenant is under legal hold: ${facts.legalHold}`, {
      object: tenantId,
      hint: 'Nothing of it may be erased until the hold is released.',
    })
  }
  if (confirm !== facts.name) {
    throw new WatertightError('CONSENT_REQUIRED', 'the name typed is not that of the tenant', {
      object: tenantId,
      hint: 'Type the name exactly as it is stored.',
    })
  }
  return facts
}

function predicateOf({ tenant, relation }: BoundTable, tenantId: string): Sql {
  if (tenant === null) throw new Error(`${relation.name} holds no rows of tenants`)
  const id = literal(tenantId)
  return rowPredicate(
    [
      {
        path: tenant,
        test: (reference, key) => sql`(${reference} = ${id}::${trustedSql(key.keyType)})`,
      },
    ],
    relation.name,
  )
}

async function countRows(
  db: Queryable,
  tables: readonly BoundTable[],
  tenantId: string,
): Promise<number[]> {
  const counts: number[] = []
  for (const table of tables) {
    const { schema, name } = table.relation
    const { rows } = await db.query<{ count: string }>(
      sql`select count(*)::text as count from ${qualifiedName(schema, name)}
        where ${predicateOf(table, tenantId)}`.text,
    )
    counts.push(Number(rows[0]?.count))
  }
  return counts
}

/** One statement for all tables of a group, so that their foreign keys are checked after all of it. */
async function deleteRows(
  db: Queryable,
  tables: readonly BoundTable[],
  tenantId: string,
): Promise<number[]> {
  const named = tables.map((table, position) => ({ table, as: ident(`erased_${position}`) }))
  const deletions = named.map(
    ({ table, as }) =>
      sql`${as} as (delete from ${qualifiedName(table.relation.schema, table.relation.name)}
        where ${predicateOf(table, tenantId)} returning 1)`,
  )
  const counts = named.map(({ as }) => sql`(select count(*) from ${as})`)
  const { rows } = await db.query<{ counts: string[] }>(
    sql`with ${joinSql(deletions)} select array[${joinSql(counts)}]::text[] as counts`.text,
  )
  return (rows[0]?.counts ?? []).map(Number)
}

function tenantColumnsOf(model: TenancyModel): readonly string[] {
  const declared = model.tables.flatMap(({ tenantColumn }) => tenantColumn ?? [])
  return [...new Set([model.tenantKey.column, ...declared])]
}

function requireNothingLeft(tables: readonly ErasedTable[], remaining: readonly Remaining[]): void {
  const left = [
    ...tables.filter(({ after }) => after > 0).map(({ table, after }) => [table, after] as const),
    ...remaining.filter(({ rows }) => rows > 0).map(({ table, rows }) => [table, rows] as const),
  ]
  if (left.length === 0) return
  throw new WatertightError('ERASURE_INCOMPLETE', 'rows of the tenant would be left', {
    problems: left.map(([path, rows]) => ({ path, message: `${String(rows)} rows` })),
    hint: 'Declare these tables in the model, or empty them of the tenant first.',
  })
}

/** SQLSTATEs by class: 23 a constraint, 42501 a policy or privilege (manual, appendix A). */
function translate(error: unknown): unknown {
  if (error instanceof WatertightError) return error
  const state: unknown = Reflect.get(Object(error), 'code')
  const routine: unknown = Reflect.get(Object(error), 'routine')
  if (state === '42501' && routine === 'check_enable_rls') {
    return new WatertightError('ROWS_HIDDEN', 'Row Level Security hides rows from this role', {
      sqlState: '42501',
      hint: 'Erase as the role that owns every table (the migrator), or as one with BYPASSRLS.',
      cause: error,
    })
  }
  if (typeof state === 'string' && state.startsWith('23')) {
    const constraint: unknown = Reflect.get(Object(error), 'constraint')
    return new WatertightError(
      'ERASURE_INCOMPLETE',
      'something else refers to rows of the tenant',
      {
        sqlState: state,
        ...(typeof constraint === 'string' && { object: constraint }),
        cause: error,
      },
    )
  }
  return error
}
