import { parseArgs } from 'node:util'
import type { BoundTxManager } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { bootPlatform } from '../boot/boot-platform.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import { roleUrlsOf } from '../boot/role-urls.js'
import { demo } from '../demo-data/index.js'
import type { ListingFilter, PublicEventRow } from '../events/public-repository.js'
import { listingQuery } from '../events/public-repository.js'
import { fillListing } from './many-events.js'

/*
 * What a page of the cross-tenant listing costs in the database, in mode public, as the role that
 * visitors have:
 *   npm run bench:public-listing -- [--tenants 1000] [--events 1000000] [--samples 20] [--plans]
 * Times are of EXPLAIN (ANALYZE): planning and execution together, with RLS, in milliseconds.
 */
const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '1000' },
    events: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '20' },
    plans: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

interface Cost {
  readonly p50: number
  readonly worst: number
  readonly rows: number
}

/** Plan and execute the page again and again; the plan of the last time. */
async function costOf(
  anyone: BoundTxManager,
  filter: ListingFilter,
  samples: number,
): Promise<{ cost: Cost; plan: string; shown: readonly PublicEventRow[] }> {
  const { text, values: parameters } = listingQuery(filter)
  const times: number[] = []
  let plan = ''
  for (let sample = 0; sample < samples; sample += 1) {
    const { rows } = await anyone.query<Record<'QUERY PLAN', string>>(
      `explain (analyze, timing off, buffers) ${text}`,
      parameters,
    )
    plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    const spent = [...plan.matchAll(/(?:Planning|Execution) Time: ([\d.]+) ms/g)]
    times.push(spent.reduce((sum, [, time]) => sum + Number(time), 0))
  }
  const { rows: shown } = await anyone.query<PublicEventRow>(text, parameters)
  times.sort((a, b) => a - b)
  const p50 = times[Math.floor(times.length / 2)] ?? Number.NaN
  return { cost: { p50, worst: times.at(-1) ?? Number.NaN, rows: shown.length }, plan, shown }
}

/** Rows among those that were shown which nobody may see, and whether whole rows can be had. */
async function privateParts(
  admin: Queryable,
  anyone: BoundTxManager,
  ids: ReadonlySet<string>,
): Promise<{ rows: number; wholeRows: boolean }> {
  const { rows } = await admin.query<{ n: number }>(
    `select count(*)::int as n from evt.events e join core.tenants t on t.id = e.tenant_id
     where e.id = any ($1) and (e.status <> 'published' or not t.has_public_page)`,
    [[...ids]],
  )
  const wholeRows = await anyone.query('select e.* from evt.events e limit 1').then(
    () => true,
    () => false,
  )
  return { rows: rows[0]?.n ?? Number.NaN, wholeRows }
}

const soon = new Date().toISOString()
const page: ListingFilter = {
  from: soon,
  until: null,
  title: null,
  category: null,
  city: null,
  country: null,
  after: null,
  limit: 25,
}

/** Cursors of pages that begin after that part of all rows. */
async function cursorAt(anyone: BoundTxManager, part: number): Promise<ListingFilter['after']> {
  const { rows } = await anyone.query<{ at: Date; id: string }>(
    `select starts_at as at, id from evt.events where starts_at >= $1
     order by starts_at, id
     offset (select floor(count(*) * $2::float8) from evt.events where starts_at >= $1) limit 1`,
    [soon, part],
  )
  const [row] = rows
  return row === undefined ? null : { at: row.at.toISOString(), id: row.id }
}

const platform = await bootPlatform({
  url: process.env['DATABASE_URL'] ?? null,
  dataDir: null,
  database: `watertight_listing_${String(process.pid)}`,
  rolePrefix: `listing${String(process.pid)}`,
  signingKey: undefined,
  signal: new AbortController().signal,
  onProgress: say,
})
try {
  const load = { tenants: Number(values.tenants), events: Number(values.events) }
  await fillListing(platform.admin, load, demo.users.platformSupport, say)
  const { tx, close } = await openTxManager(roleUrlsOf(platform), platform.signingKey, 1)
  const anyone = tx.asPublic()
  const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
  const cases: [name: string, filter: ListingFilter][] = [
    ['first page', page],
    ['after 50 %', { ...page, after: await cursorAt(anyone, 0.5) }],
    ['after 99 %', { ...page, after: await cursorAt(anyone, 0.99) }],
    ['a page of 100', { ...page, limit: 100 }],
    ['one week, in a year', { ...page, from: later(365), until: later(372) }],
    ['country', { ...page, country: 'AT' }],
    ['common city', { ...page, city: 'berlin' }],
    ['rare city', { ...page, city: 'Husum' }],
    ['no such city', { ...page, city: 'Nowhere' }],
    ['common category', { ...page, category: 'music' }],
    ['second category', { ...page, category: 'family' }],
    ['rare category', { ...page, category: 'falconry' }],
    ['common title', { ...page, title: 'con' }],
    ['rare title', { ...page, title: 'Zither' }],
    ['title nobody has', { ...page, title: 'xyz' }],
    ['category and city', { ...page, category: 'food', city: 'Wien' }],
  ]
  process.stdout.write('| page | rows | p50 ms | worst ms |\n| --- | --- | --- | --- |\n')
  const ids = new Set<string>()
  const columns = new Set<string>()
  for (const [name, filter] of cases) {
    const { cost, plan, shown } = await costOf(anyone, filter, Number(values.samples))
    const { rows, p50, worst } = cost
    process.stdout.write(
      `| ${name} | ${String(rows)} | ${p50.toFixed(1)} | ${worst.toFixed(1)} |\n`,
    )
    for (const row of shown) {
      ids.add(row.id)
      for (const column of Object.keys(row)) columns.add(column)
    }
    if (values.plans) say(`${name}\n${plan}\n`)
  }
  const found = await privateParts(platform.admin, anyone, ids)
  process.stdout.write(
    `\n${String(ids.size)} events were shown, ${String(found.rows)} of them drafts, cancelled or of a tenant ` +
      `without a public page; whole rows ${found.wholeRows ? 'can be read' : 'are refused'}. ` +
      `Columns: ${[...columns].join(', ')}.\n`,
  )
  if (found.rows !== 0 || found.wholeRows) process.exitCode = 1
  await close()
} finally {
  await platform.stop()
}
