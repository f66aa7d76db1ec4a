import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseSigningKey, signContext } from 'watertight/runtime'
import { emptySql, literal, sql } from 'watertight/sql'
import { memberOf } from '../adapters/watertight.js'
import type { Shops, ShopKind } from './databases.js'
import { interleave, ratioOf, spreadOf } from './rounds.js'
import type { Spread } from './rounds.js'
import { idOf } from './shop.js'
import type { ShopSize } from './shop.js'

const run = promisify(execFile)

export interface ServerSide {
  /** What generated the load. */
  readonly by: string
  readonly perSecond: Readonly<Record<ScriptName, Spread>>
  /** Signed and plain one-flight reads against the read without row level security. */
  readonly signedVsUnscoped: Spread
  readonly plainVsUnscoped: Spread
  readonly signedVsPlain: Spread
  readonly listSignedVsPlain: Spread
  readonly listSignedVsUnscoped: Spread
}

type ScriptName = 'unscoped' | 'plain' | 'signed' | 'unscopedList' | 'plainList' | 'signedList'

const shopOf: Readonly<Record<ScriptName, ShopKind>> = {
  unscoped: 'unscoped',
  plain: 'plain',
  signed: 'signed',
  unscopedList: 'unscoped',
  plainList: 'plain',
  signedList: 'signed',
}

/**
 * The cost on the server alone: prepared statements from pgbench, two connections, context and read
 * under one Sync as the runtime sends them.
 *
 * @returns null where there is no pgbench.
 */
export async function measureServerSide(
  shops: Shops,
  size: ShopSize,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<ServerSide | null> {
  const version = await run('pgbench', ['--version']).catch(() => null)
  if (version === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'watertight-bench-'))
  try {
    const names = Object.keys(shopOf) as ScriptName[]
    for (const name of names) await writeFile(join(folder, name), scriptOf(name, shops, size))
    const samples = await interleave(names, rounds, (name) =>
      transactionsPerSecond(shops.urls[shopOf[name]], join(folder, name), seconds),
    )
    const of = (name: ScriptName): readonly number[] => samples.get(name) ?? []
    return {
      by: version.stdout.trim(),
      perSecond: Object.fromEntries(
        names.map((name) => [name, spreadOf(of(name))]),
      ) as ServerSide['perSecond'],
      signedVsUnscoped: ratioOf(of('signed'), of('unscoped')),
      plainVsUnscoped: ratioOf(of('plain'), of('unscoped')),
      signedVsPlain: ratioOf(of('signed'), of('plain')),
      listSignedVsPlain: ratioOf(of('signedList'), of('plainList')),
      listSignedVsUnscoped: ratioOf(of('signedList'), of('unscopedList')),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const columns = sql`id, tenant_id, name, price, stock`

/** One tenant, whose rows are drawn at random: a token per row would time pgbench's variables. */
function scriptOf(name: ScriptName, shops: Shops, size: ShopSize): string {
  const tenant = idOf('tenant', 0)
  const first = idOf('item', 0).slice(0, -6)
  const isList = name.endsWith('List')
  const own = shopOf[name] === 'unscoped' ? sql` and tenant_id = ${literal(tenant)}` : emptySql
  const read = isList
    ? sql`select ${columns} from shop.items where position >= 0${own} order by position limit 10;`
    : sql`select ${columns} from shop.items where id = (${literal(first)} || lpad(to_hex(:row::int), 6, '0'))::uuid${own};`
  return [
    `\\set row random(0, ${size.itemsPerTenant - 1})`,
    '\\startpipeline',
    ...contextOf(shopOf[name], tenant, shops.signingKey),
    read.text,
    '\\endpipeline',
    '',
  ].join('\n')
}

function contextOf(shop: ShopKind, tenant: string, signingKey: string): readonly string[] {
  if (shop === 'unscoped') return []
  if (shop === 'plain') {
    return [
      sql`select set_config('app.tenant_id', ${literal(tenant)}, true), set_config('app.user_id', '', true);`
        .text,
    ]
  }
  const context = memberOf(tenant)
  const token = signContext(
    { ...context, expiresAt: context.expiresAt + 3600 },
    parseSigningKey(signingKey),
  )
  return [
    sql`select where pg_catalog.set_config('watertight.context', ${literal(token)}, true) is null;`
      .text,
  ]
}

async function transactionsPerSecond(
  url: string,
  script: string,
  seconds: number,
): Promise<number> {
  const options = [
    '-n',
    '-M',
    'prepared',
    '-c',
    '2',
    '-j',
    '1',
    '-T',
    String(seconds),
    '-f',
    script,
  ]
  const { stdout } = await run('pgbench', [...options, url])
  const found = /tps = ([\d.]+) \(without/.exec(stdout)?.[1] ?? /tps = ([\d.]+)/.exec(stdout)?.[1]
  if (found === undefined) throw new Error('pgbench printed no throughput')
  return Number(found)
}
