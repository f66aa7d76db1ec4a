import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, keys, openAttackedShop, ownersQuery } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { pgDriver } from '../../drivers/pg.js'
import { createTxManager } from '../../runtime/index.js'
import type { TxManager } from '../../runtime/index.js'
import { directorySink } from './export-sink.js'
import type { ExportSink } from './export-sink.js'
import { exportTenant, exportTenantWithin } from './export-tenant.js'

let shop: AttackedShop
let pool: pg.Pool
let tx: TxManager
let directory: string

beforeAll(async () => {
  shop = await openAttackedShop(18)
  pool = new pg.Pool({ connectionString: shop.urlFor(shop.roleOf('worker')), max: 2 })
  tx = createTxManager({ pools: { worker: pgDriver(pool) }, signingKey: keys.current })
  directory = await mkdtemp(join(tmpdir(), 'export-'))
})
afterAll(async () => {
  await pool.end()
  await rm(directory, { recursive: true })
  await shop.drop()
})

/** Keeps what is written. */
function memorySink(): ExportSink & { readonly files: Map<string, string> } {
  const files = new Map<string, string>()
  return {
    files,
    async open(name) {
      files.set(name, '')
      return {
        async write(text) {
          files.set(name, (files.get(name) ?? '') + text)
        },
        async close() {},
      }
    },
  }
}

/** Rows by table and owner, as the superuser counts them. */
async function counts(): Promise<Map<string, number>> {
  const tables = await shop.readableBy('worker')
  const { rows } = await shop.admin.query<{ name: string; tenant: string; rows: number }>(
    ownersQuery(tables),
  )
  return new Map(rows.map((row) => [`${row.name} ${row.tenant}`, row.rows] as const))
}

describe('an export', () => {
  it('holds every row of the tenant in every table, by the count of the owner', async () => {
    const sink = memorySink()
    const { tables, notIncluded } = await exportTenant(tx, {
      model: shop.model,
      tenantId: ids.acme,
      sink,
      batchSize: 2,
    })
    const expected = await counts()
    for (const { table, rows } of tables) {
      const name = table
        .replace(/^shop\./, '')
        .replaceAll(/^"|"$/g, '')
        .replaceAll('""', '"')
      expect([table, rows]).toEqual([table, expected.get(`${name} ${ids.acme}`) ?? 0])
      expect(rows).toBeGreaterThan(0)
    }
    expect(tables).toHaveLength(13)
    expect(notIncluded).toEqual(['shop.users', 'shop.currencies'])
    const own = [...sink.files.values()].join('')
    for (const foreign of ['globex', ids.globex, ids.globexRoot, '4999-9999', 'moon']) {
      expect(own).not.toContain(foreign)
    }
    expect(own).toContain('4222-2222')
  })

  it('has files that the manifest vouches for, which nobody else reads', async () => {
    const to = join(directory, 'acme')
    const options = { model: shop.model, tenantId: ids.acme, sink: directorySink(to) }
    const manifest = await exportTenant(tx, options)
    expect(JSON.parse(await readFile(join(to, 'manifest.json'), 'utf8'))).toEqual(manifest)
    for (const { file, sha256, rows, bytes } of manifest.tables) {
      const text = await readFile(join(to, file))
      expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
      expect(text.length).toBe(bytes)
      expect(
        text
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      ).toHaveLength(rows)
    }
    expect(await readdir(to)).toHaveLength(manifest.tables.length + 1)
    await expect(exportTenant(tx, options)).rejects.toMatchObject({ code: 'EEXIST' })
  })

  it('leaves out a row of another tenant that stands among its own', async () => {
    // Planted under a parent of acme, which only somebody past the policies can do.
    await shop.admin.query(
      `insert into shop.reviews (tenant_id, product_id, body) values ($1, $2, 'planted')`,
      [ids.globex, ids.acme],
    )
    const sink = memorySink()
    await exportTenant(tx, { model: shop.model, tenantId: ids.acme, sink })
    expect([...sink.files.values()].join('')).not.toContain('planted')
  })

  it('keeps foreign rows out by the policies: without RLS a job would get them', async () => {
    const lines = async (): Promise<string> => {
      const sink = memorySink()
      await exportTenant(tx, { model: shop.model, tenantId: ids.acme, sink })
      return sink.files.get('shop.line_notes.jsonl') ?? ''
    }
    expect(await lines()).not.toContain('1000')
    await shop.admin.query('alter table shop.line_notes disable row level security')
    expect(await lines()).toContain('1000')
    await shop.admin.query('alter table shop.line_notes enable row level security')
  })

  it('runs within a transaction of its caller, and leaves out what is withheld', async () => {
    const sink = memorySink()
    const withhold = ['shop.line_notes', 'shop.users', 'shop.elsewhere']
    const manifest = await tx
      .asWorker({ tenantId: ids.acme, orgScope: 'all' })
      .run((job) => exportTenantWithin(job, { model: shop.model, sink, withhold }), {
        isolationLevel: 'repeatable read',
      })
    expect(manifest).toMatchObject({ tenantId: ids.acme, withheld: ['shop.line_notes'] })
    expect(manifest.tables.map(({ table }) => table)).not.toContain('shop.line_notes')
    expect(manifest.tables).toHaveLength(12)
    expect(sink.files.has('shop.line_notes.jsonl')).toBe(false)
    expect(JSON.parse(sink.files.get('manifest.json') ?? '')).toEqual(manifest)
  })

  it.each([
    ['that sees new rows while it runs', { orgScope: 'all' }, {}],
    [
      'of a unit',
      { orgScope: 'unit', orgUnitId: ids.acmeRoot },
      { isolationLevel: 'serializable' },
    ],
    ['of no tenant', { tenantId: null }, { isolationLevel: 'repeatable read' }],
  ] as const)('is refused in a transaction %s', async (_what, claims, options) => {
    const sink = memorySink()
    const refused = tx
      .asWorker({ tenantId: ids.acme, ...claims })
      .run((job) => exportTenantWithin(job, { model: shop.model, sink }), options)
    await expect(refused).rejects.toMatchObject({ code: 'CONTEXT_MISMATCH' })
    expect(sink.files.size).toBe(0)
  })

  it('of a tenant that is not there is empty', async () => {
    const tenantId = '99999999-0000-4000-8000-000000000000'
    const { tables } = await exportTenant(tx, { model: shop.model, tenantId, sink: memorySink() })
    expect(tables.every(({ rows }) => rows === 0)).toBe(true)
  })

  it('is refused while a table with the tenant column is not declared', async () => {
    await shop.admin.query('create table shop.forgotten (tenant_id uuid)')
    const options = { model: shop.model, tenantId: ids.acme, sink: memorySink() }
    await expect(exportTenant(tx, options)).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      problems: [{ path: 'tables.shop.forgotten', message: 'is not declared' }],
    })
    await shop.admin.query('drop table shop.forgotten')
  })

  it('that outlives its context fails instead of being short of rows', async () => {
    const files = memorySink()
    let isFirst = true
    const slow: ExportSink = {
      async open(name) {
        if (isFirst) await new Promise((resolve) => setTimeout(resolve, 1500))
        isFirst = false
        return files.open(name)
      },
    }
    const options = { model: shop.model, tenantId: ids.acme, sink: slow, maxDuration: 1 }
    await expect(exportTenant(tx, options)).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    expect(files.files.has('manifest.json')).toBe(false)
  })
})
