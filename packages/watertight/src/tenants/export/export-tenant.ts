import { createHash } from 'node:crypto'
import { WatertightError } from '../../errors/index.js'
import type { TenancyModel } from '../../model/index.js'
import { parseTenantContext } from '../../runtime/index.js'
import type { Transaction, TxManager } from '../../runtime/index.js'
import { emptySql, ident, joinSql, qualifiedName, sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { ExportSink } from './export-sink.js'
import type { TenantTable } from './tenant-tables.js'
import { readTenantTables } from './tenant-tables.js'

/** What is exported, and where to. */
export interface ExportContentOptions {
  readonly model: TenancyModel
  readonly sink: ExportSink
  /** Rows fetched at a time; 1,000 by default. */
  readonly batchSize?: number
  /** Tables, `schema.table`, whose rows are not for the tenant to know; the manifest names them. */
  readonly withhold?: readonly string[]
}

export interface ExportOptions extends ExportContentOptions {
  readonly tenantId: string
  /** Seconds that the export may take, for its context ends then; 3,600 by default. */
  readonly maxDuration?: number
}

/** One table of an export. */
export interface ExportedTable {
  readonly table: string
  /** JSON lines, a row each, in the order of the primary key. */
  readonly file: string
  readonly rows: number
  readonly bytes: number
  /** Of the file. */
  readonly sha256: string
}

/** What an export holds; written as `manifest.json`, last, so that an export without it is none. */
export interface ExportManifest {
  readonly format: 'watertight tenant export 1'
  readonly tenantId: string
  /** The moment that all of it is of, by the server's clock. */
  readonly exportedAt: string
  readonly tables: readonly ExportedTable[]
  /** Tables of the model that hold no rows of tenants. */
  readonly notIncluded: readonly string[]
  /** Tables whose rows of the tenant, if there are any, were left out by wish. */
  readonly withheld: readonly string[]
}

/**
 * Writes every row of a tenant, in one repeatable-read transaction as a job of that tenant: Row Level
 * Security keeps everything else out, whatever this code asks for. Rows are streamed, so that any
 * number takes little memory.
 *
 * @throws MODEL_MISMATCH when a table with the tenant column is not declared; ACCESS_DENIED when jobs
 * may not read a table; what the sink throws.
 * @example
 * ```ts
 * const sink = directorySink('/srv/exports/acme')
 * const { tables } = await exportTenant(tx, { model, tenantId, sink })
 * // sec.assets.jsonl, …, manifest.json
 * ```
 */
export async function exportTenant(tx: TxManager, options: ExportOptions): Promise<ExportManifest> {
  const { tenantId } = options
  const { tenantKey, orgUnits } = options.model
  const context = parseTenantContext(
    { mode: 'worker', tenantId, orgScope: orgUnits === null ? null : 'all' },
    { lifetimeSeconds: options.maxDuration ?? 3600, keyTypes: { tenant: tenantKey.type } },
  )
  const manifest = await tx.run(context, (job) => writeTables(job, options, tenantId), {
    readOnly: true,
    isolationLevel: 'repeatable read',
  })
  return writeManifest(options.sink, manifest)
}

/**
 * As {@link exportTenant}, in a transaction that is under way: of a job of the tenant, over all of its
 * org units, on one snapshot.
 *
 * @throws CONTEXT_MISMATCH for another transaction, and as {@link exportTenant}.
 * @example
 * ```ts
 * await tx.asWorker({ tenantId, orgScope: 'all' }).run(
 *   async (job) => markReady(job, await exportTenantWithin(job, { model, sink })),
 *   { isolationLevel: 'repeatable read' },
 * )
 * ```
 */
export async function exportTenantWithin(
  job: Transaction,
  options: ExportContentOptions,
): Promise<ExportManifest> {
  const { mode, tenantId, userId, orgScope } = job.context
  const { rows } = await job.query<{ level: string }>(
    "select current_setting('transaction_isolation') as level",
  )
  const isOnOneSnapshot = rows[0]?.level !== 'read committed'
  const isOfAll = userId === null && (options.model.orgUnits === null || orgScope === 'all')
  if (mode !== 'worker' || tenantId === null || !isOfAll || !isOnOneSnapshot) {
    throw new WatertightError('CONTEXT_MISMATCH', 'the transaction would not see a whole tenant', {
      hint: 'Run it in mode worker for the tenant, org scope all, repeatable read.',
    })
  }
  return writeManifest(options.sink, await writeTables(job, options, tenantId))
}

/** Last, so that an export without it is none. */
async function writeManifest(sink: ExportSink, manifest: ExportManifest): Promise<ExportManifest> {
  const file = await sink.open('manifest.json')
  await file.write(`${JSON.stringify(manifest, null, 2)}\n`)
  await file.close()
  return manifest
}

async function writeTables(
  job: Transaction,
  options: ExportContentOptions,
  tenantId: string,
): Promise<ExportManifest> {
  const { model, withhold = [] } = options
  const { rows } = await job.query<{ at: string }>(
    `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`,
  )
  const { tables, others } = await readTenantTables(job, model)
  const withheld = tables.map(({ name }) => name).filter((name) => withhold.includes(name))
  const exported: ExportedTable[] = []
  for (const table of tables) {
    if (withheld.includes(table.name)) continue
    exported.push(await exportTable(job, table, options, tenantId))
    // SECURITY: to an expired context every table is empty, which must not pass for complete.
    if (await hasExpired(job)) {
      throw new WatertightError('CONTEXT_EXPIRED', `the export took too long at ${table.name}`, {
        object: table.name,
        hint: 'Allow more with maxDuration.',
      })
    }
  }
  return {
    format: 'watertight tenant export 1',
    tenantId,
    exportedAt: rows[0]?.at ?? '',
    tables: exported,
    notIncluded: others,
    withheld,
  }
}

/** By the server's clock, as the policies judge it. */
async function hasExpired(job: Transaction): Promise<boolean> {
  const { rows } = await job.query<{ expired: boolean }>(
    'select extract(epoch from clock_timestamp()) >= $1::float8 as expired',
    [job.context.expiresAt],
  )
  return rows[0]?.expired !== false
}

async function exportTable(
  job: Transaction,
  table: TenantTable,
  { sink, batchSize = 1000 }: ExportContentOptions,
  tenantId: string,
): Promise<ExportedTable> {
  const name = `${encodeURIComponent(table.name)}.jsonl`
  const file = await sink.open(name)
  const hash = createHash('sha256')
  let count = 0
  let bytes = 0
  const values = table.tenantColumn === null ? [] : [tenantId]
  for await (const { line } of job.stream<{ line: string }>(rowsOf(table).text, values, {
    batchSize,
  })) {
    const text = `${line}\n`
    hash.update(text)
    count += 1
    bytes += Buffer.byteLength(text)
    await file.write(text)
  }
  await file.close()
  return { table: table.name, file: name, rows: count, bytes, sha256: hash.digest('hex') }
}

/** The condition on the tenant lets an index find the rows; policies decide which they are. */
function rowsOf({ table, tenantColumn, keyColumns }: TenantTable): Sql {
  const t = sql`t`
  const where = tenantColumn === null ? emptySql : sql` where t.${ident(tenantColumn)} = $1`
  const keys = joinSql(keyColumns.map((column) => sql`t.${ident(column)}`))
  const order = keyColumns.length === 0 ? emptySql : sql` order by ${keys}`
  return sql`select row_to_json(${t})::text as line
    from ${qualifiedName(table.schema, table.name)} ${t}${where}${order}`
}
