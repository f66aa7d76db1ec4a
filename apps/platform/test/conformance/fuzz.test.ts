import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Route } from '../../src/api/route.js'
import { routes } from '../../src/api/routes.js'
import type { PlatformDatabase } from '../platform-database.js'
import { createPlatformDatabase } from '../platform-database.js'
import { longFuzz } from './long-fuzz.js'
import { runFuzz } from './run-fuzz.js'

let database: PlatformDatabase
beforeAll(async () => {
  database = await createPlatformDatabase()
})
afterAll(() => database.drop())

describe.runIf(longFuzz === null)(
  'requests that the document allows, and such as it nearly does',
  () => {
    it('are answered by the document, and show nobody the rows of others', async () => {
      const seed = 20_261_122
      const { findings, succeeded } = await runFuzz(database, { requests: 600, seed, parallel: 8 })
      expect(findings, `seed ${String(seed)}`).toEqual([])
      expect(succeeded.size).toBeGreaterThan(60)
    })

    it('find an isolation that is off, an error that nobody foresaw, a reply that is not described', async () => {
      const { admin } = database
      await admin.query('alter table sec.assets disable row level security')
      await admin.query(`
      create function sec.break_down() returns trigger language plpgsql
        as $$ begin raise exception 'broken' using errcode = 'XX000'; end $$;
      create trigger a_break_down before update on sec.alerts
        for each row execute function sec.break_down()`)
      const undescribed = (route: Route): Route =>
        route.id === 'listTickets'
          ? { ...route, reply: { ...route.reply, schema: z.object({ total: z.int() }) } }
          : route
      const { findings } = await runFuzz(database, {
        requests: 240,
        seed: 7,
        parallel: 8,
        routes: routes.map(undescribed),
        only: ({ id }) => /^(?:listAssets|getAsset|acknowledgeAlert|listTickets)$/.test(id),
      })
      const found = findings.map(({ kind, request }) => `${request.split(' ')[0] ?? ''}: ${kind}`)
      expect([...new Set(found)].sort()).toEqual([
        'acknowledgeAlert: server error',
        'getAsset: foreign row',
        'listAssets: foreign row',
        'listTickets: outside of the document',
      ])
    })
  },
)

describe.runIf(longFuzz !== null)('a long run of generated requests', () => {
  it('finds nothing', { timeout: 86_400_000 }, async () => {
    expect((await longFuzz?.perform(database))?.findings).toEqual([])
  })
})
