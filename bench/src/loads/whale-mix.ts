import type pg from 'pg'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import { generateSigningKey } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import { dropRoles, urlOf, withClient, withDatabase } from '../bench-server.js'
import { interleave } from '../throughput/rounds.js'
import type { ClassFigures, ClassRound } from './latency.js'
import { classFigures } from './latency.js'
import type { MixVariant } from './mixed-tenants.js'
import { mixVariants } from './mixed-tenants.js'

export interface WhaleMixOptions {
  readonly whaleRows: number
  readonly minnows: number
  readonly rounds: number
  readonly sampleMs: number
  readonly warmUpMs: number
}

export interface WhaleMixFigures {
  /** `INVALID`: rows of another tenant were seen. */
  readonly status: 'valid' | 'INVALID'
  readonly whale: ClassFigures
  readonly minnow: ClassFigures
}

export interface WhaleMix {
  readonly whaleRows: number
  readonly minnows: number
  readonly rowsPerMinnow: number
  readonly callers: number
  /** By variant. */
  readonly variants: Readonly<Record<string, WhaleMixFigures>>
}

const rowsPerMinnow = 20
const callers = 8
/** One call in so many is of the whale. */
const whaleEvery = 4

const schema = `
create schema shop;
create table shop.events (id bigint primary key, tenant_id uuid not null, at int not null, kind int not null)`

const fill = `
insert into shop.events
  select n, $2::uuid, n % 100000, n % 7 from generate_series(1, $1::bigint) n
  union all
  select $1::bigint + n, (lpad(to_hex(1 + n % $3::int), 8, '0') || '-0000-7000-8000-000000000000')::uuid, n % 100000, n % 7
  from generate_series(1, $4::int) n`

/**
 * One tenant with most rows and many small ones, all called at the same time over the same
 * connections: throughput and latency of each class. Statements that are prepared were planned for
 * whoever came first.
 */
export async function measureWhaleMix(
  serverUrl: string,
  options: WhaleMixOptions,
): Promise<WhaleMix> {
  const prefix = `watertight_bench_${process.pid}_mix`
  const signingKey = generateSigningKey('k1')
  const { whaleRows, minnows } = options
  try {
    return await withDatabase(serverUrl, prefix, async (floorUrl) => {
      await withClient(floorUrl, async (client) => {
        await fillEvents(client, options)
        const model = parseModel({
          tenantKey: {},
          schemas: ['shop'],
          tables: { 'shop.events': { scope: 'tenant' } },
          roles: { prefix },
        })
        await applyPlan(client, await makePlan(client, model), { allow: ['WIDENS_ACCESS'] })
        await addSigningKey(client, signingKey)
        await client.query(sql`alter role ${ident(`${prefix}_app`)} login`.text)
        await client.query('vacuum analyze')
      })
      const appUrl = urlOf(serverUrl, prefix, `${prefix}_app`)
      const opened = mixVariants({ floorUrl, appUrl, signingKey, poolSize: callers })
      try {
        const variants = await measureVariants(opened, options)
        return { whaleRows, minnows, rowsPerMinnow, callers, variants }
      } finally {
        await Promise.all(opened.map((variant) => variant.close()))
      }
    })
  } finally {
    await dropRoles(serverUrl, prefix)
  }
}

async function fillEvents(
  client: pg.Client,
  { whaleRows, minnows }: WhaleMixOptions,
): Promise<void> {
  await client.query(schema)
  await client.query(fill, [whaleRows, tenantAt(0), minnows, minnows * rowsPerMinnow])
  await client.query('create index on shop.events (tenant_id, at)')
  await client.query('create index on shop.events (at)')
}

interface Round {
  readonly whale: ClassRound
  readonly minnow: ClassRound
  readonly foreignRows: number
}

async function measureVariants(
  opened: readonly MixVariant[],
  { minnows, rounds, sampleMs, warmUpMs }: WhaleMixOptions,
): Promise<WhaleMix['variants']> {
  const byName = new Map(opened.map((variant) => [variant.name, variant]))
  const measure = (name: string, ms = sampleMs): Promise<Round> =>
    runMix(byName.get(name) as MixVariant, { minnows, ms })
  for (const name of byName.keys()) await measure(name, warmUpMs)
  const measured = await interleave([...byName.keys()], rounds, (name) => measure(name))
  const figures: Record<string, WhaleMixFigures> = {}
  for (const [name, found] of measured) {
    const unscoped = (await byName.get(name)?.listWithout())?.length ?? 0
    const leaks = byName.get(name)?.keepsApart === true && unscoped > 0
    const isValid = !leaks && found.every(({ foreignRows }) => foreignRows === 0)
    figures[name] = {
      status: isValid ? 'valid' : 'INVALID',
      whale: classFigures(found.map(({ whale }) => whale)),
      minnow: classFigures(found.map(({ minnow }) => minnow)),
    }
  }
  return figures
}

async function runMix(
  variant: MixVariant,
  { minnows, ms }: { minnows: number; ms: number },
): Promise<Round> {
  const whale: number[] = []
  const minnow: number[] = []
  let foreignRows = 0
  let index = 0
  const started = performance.now()
  const caller = async (): Promise<void> => {
    // However slow the machine: a round without a call of each class has no figures.
    while (performance.now() - started < ms || whale.length === 0 || minnow.length === 0) {
      const call = (index += 1)
      const isWhale = call % whaleEvery === 0
      const tenant = tenantAt(isWhale ? 0 : 1 + ((Math.imul(call, 7919) >>> 0) % minnows))
      const since = isWhale ? call % 1000 : 0
      const before = performance.now()
      const rows = await variant.list(tenant, since)
      const times = isWhale ? whale : minnow
      times.push((performance.now() - before) * 1000)
      foreignRows += rows.filter(({ tenant_id }) => tenant_id !== tenant).length
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - started) / 1000
  return { whale: { times: whale, seconds }, minnow: { times: minnow, seconds }, foreignRows }
}

/** 0 is the whale. */
function tenantAt(index: number): string {
  return `${index.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`
}
