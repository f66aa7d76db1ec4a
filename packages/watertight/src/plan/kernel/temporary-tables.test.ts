import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ids, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'
import { ident, sql } from '../../sql/index.js'

const note = `insert into notes values (current_setting('watertight.context'), 'secret of the next tenant')`

describe.each(serverMajors)('temporary tables on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  beforeEach(async () => {
    shop = await openAttackedShop(major)
    await shop.admin.query('create table public.notes (context text, body text)')
    await shop.admin.query(sql`grant insert on public.notes to ${ident(shop.roleOf('app'))}`.text)
  })
  afterEach(() => shop.drop())

  const under = async (tenant: 'acme' | 'globex', ...statements: string[]) => {
    const client = pooled
    await client.query('begin')
    const claims = tenant === 'acme' ? {} : { t: ids.globex, u: ids.gil }
    await client.query("select set_config('watertight.context', $1, true)", [
      shop.token('app', claims),
    ])
    for (const statement of statements) await client.query(statement)
    await client.query('commit')
  }
  let pooled: Awaited<ReturnType<AttackedShop['as']>>

  it('cannot be made by a runtime role, so none can hide a real table from the next tenant', async () => {
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
      const [name, role] = [ident(shop.name), ident(shop.roleOf(mode))]
      await shop.admin.query(sql`revoke temporary on database ${name} from ${role}`.text)
      const client = await shop.as(mode)
      await expect(client.query('create temporary table notes (body text)')).rejects.toMatchObject({
        code: '42501',
      })
    }
  })

  it('would catch what the next tenant on a pooled connection writes, if they were allowed', async () => {
    pooled = await shop.as('app')
    await under('acme', 'create temporary table notes (context text, body text)')
    await under('globex', note)
    await pooled.query('begin')
    const { rows } = await pooled.query('select body from notes')
    await pooled.query('rollback')
    expect(rows).toEqual([{ body: 'secret of the next tenant' }])
  })
})
