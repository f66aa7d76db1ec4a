import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import type { ExampleDatabase } from '../../test/example-database.js'
import { createExampleDatabase } from '../../test/example-database.js'
import type { Reports } from './app.js'
import { startReports } from './app.js'
import model from './watertight.config.js'

const acme = '00000000-0000-7000-8000-00000000000a'
const globex = '00000000-0000-7000-8000-00000000000b'

let database: ExampleDatabase
let reports: Reports

beforeAll(async () => {
  database = await createExampleDatabase(new URL('./', import.meta.url), model)
  await database.isolate()
  const { admin, signingKey } = database
  await admin.query("insert into reports.tenants values ($1, 'acme'), ($2, 'globex')", [
    acme,
    globex,
  ])
  await admin.query(
    'insert into reports.sales (tenant_id, amount) values ($1, 10), ($1, 20), ($2, 5)',
    [acme, globex],
  )
  const urls = { workerUrl: database.urlAs('worker'), queueUrl: database.url }
  reports = await startReports({ ...urls, signingKey })
})
afterAll(async () => {
  await reports.stop()
  await database.drop()
})

const member = (tenantId: string): TenantContext => parseTenantContext({ mode: 'member', tenantId })

async function totals(): Promise<unknown> {
  const { rows } = await database.admin.query(
    'select tenant_id, total from reports.totals order by total, tenant_id',
  )
  return rows
}

it('adds up the sales of whoever asked, one worker for all', async () => {
  await reports.request(member(acme))
  await reports.request(member(globex))
  await expect.poll(totals, { timeout: 20_000 }).toEqual([
    { tenant_id: globex, total: 5 },
    { tenant_id: acme, total: 30 },
  ])
})

it('takes no job that was put into the queue without a seal, or under another tenant', async () => {
  const { admin } = database
  const jobs = "from pgboss.job where name = 'totals'"
  const forged = `insert into pgboss.job (name, data, retry_limit)
    select name, jsonb_set(data, '{payload}', '{"reason": "forged"}'), 0 ${jobs} limit 1`
  await admin.query(forged)
  const bare = "insert into pgboss.job (name, data, retry_limit) values ('totals', $1, 0)"
  await admin.query(bare, [{ tenantId: globex, payload: {} }])
  const failed = async (): Promise<unknown> =>
    (await admin.query(`select count(*)::int as failed ${jobs} and state = 'failed'`)).rows
  await expect.poll(failed, { timeout: 20_000 }).toEqual([{ failed: 2 }])
  expect(await totals()).toHaveLength(2)
})
