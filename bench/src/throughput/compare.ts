import { describeMachine, serverVersion } from '../bench-server.js'
import { generatePrismaClient } from '../prisma-client.js'
import { adapterOf, adapters, floors, ormPairs, ours, peers } from './adapters.js'
import type { Shops } from './databases.js'
import { ForkedVariant } from './forked-variant.js'
import { packageVersions } from './package-versions.js'
import type { BenchReport, VariantFigures } from './report-shape.js'
import { countRoundTrips } from './round-trips.js'
import { bareOf, tenancyOf } from './orm-pair.js'
import { interleave, ratioOf, spreadOf } from './rounds.js'
import type { Spread } from './rounds.js'
import { measureServerSide } from './server-side.js'
import type { ShopSize } from './shop.js'
import type { Sample } from './variant.js'
import { workloads } from './workloads.js'

export interface CompareOptions {
  /** Only what the ratios need. */
  readonly quick: boolean
  readonly size: ShopSize
  /** Names of the peers to compare with; all by default. */
  readonly only: readonly string[] | null
  readonly onProgress: (line: string) => void
}

const poolSize = 8
const callers = 8
const rounds = 5

/** Samples per adapter, by workload. */
type Samples = ReadonlyMap<string, ReadonlyMap<string, readonly Sample[]>>

export async function compare(shops: Shops, options: CompareOptions): Promise<BenchReport> {
  const { quick, size, onProgress } = options
  const chosen = peers.filter(({ name }) => options.only?.includes(name) ?? true)
  const pairs = ormPairs.filter(({ name }) => options.only?.includes(name) ?? true)
  const wanted = [
    ...floors,
    ...ours,
    ...chosen,
    ...pairs.flatMap((pair) => [bareOf(pair), tenancyOf(pair)]),
  ]
  onProgress('counting round trips')
  const roundTrips = await countRoundTrips(shops.urls.signed, shops.signingKey)
  onProgress('measuring the server alone')
  const serverSide = await measureServerSide(shops, size, { rounds, seconds: quick ? 1 : 5 })
  if (chosen.some(({ name }) => name === 'prisma')) {
    await generatePrismaClient().catch((error: unknown) => onProgress(`prisma: ${String(error)}`))
  }
  const { open, figures } = await openAll(
    shops,
    wanted.map(({ name }) => name),
    options,
  )
  try {
    const samples = await measureAll(open, quick, onProgress)
    for (const [name, byWorkload] of samples) {
      figures[name] = { ...(figures[name] ?? valid), workloads: summarise(byWorkload) }
    }
    return {
      machine: describeMachine(),
      server: { version: await serverVersion(shops.adminUrls.unscoped) },
      packages: await packageVersions([...new Set(adapters.flatMap((a) => a.packages))]),
      settings: { rounds, poolSize, callers, ...size, quick },
      roundTrips,
      ratios: ratiosOf(
        samples,
        figures,
        chosen.map(({ name }) => name),
        serverSide,
      ),
      orms: ormRatios(
        samples,
        figures,
        pairs.map(({ name }) => name),
      ),
      serverSide,
      variants: figures,
    }
  } finally {
    await Promise.all([...open.values()].map((variant) => variant.close()))
  }
}

const valid: VariantFigures = { status: 'valid', reason: null, workloads: {} }

interface Opened {
  readonly open: ReadonlyMap<string, ForkedVariant>
  readonly figures: Record<string, VariantFigures>
}

/** Opens each adapter and lets it through the canary; what fails keeps its reason. */
async function openAll(
  shops: Shops,
  names: readonly string[],
  { size, onProgress }: CompareOptions,
): Promise<Opened> {
  const open = new Map<string, ForkedVariant>()
  const figures: Record<string, VariantFigures> = {}
  for (const name of names) {
    const { shop } = adapterOf(name)
    const target = { url: shops.urls[shop], signingKey: shops.signingKey, poolSize }
    try {
      const variant = await ForkedVariant.open({ adapter: name, target, size })
      const failures = await variant.canary()
      const isValid = failures.length === 0
      figures[name] = isValid ? valid : { ...valid, status: 'INVALID', reason: failures.join('; ') }
      onProgress(`${name}: ${isValid ? 'keeps tenants apart' : `INVALID, ${failures.join('; ')}`}`)
      open.set(name, variant)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      figures[name] = { ...valid, status: 'unavailable', reason }
      onProgress(`${name}: cannot run here: ${reason}`)
    }
  }
  return { open, figures }
}

async function measureAll(
  open: ReadonlyMap<string, ForkedVariant>,
  quick: boolean,
  onProgress: (line: string) => void,
): Promise<Samples> {
  const ms = quick ? 400 : 2000
  const samples = new Map<string, Map<string, readonly Sample[]>>()
  for (const { name: workload } of workloads.slice(0, quick ? 2 : workloads.length)) {
    onProgress(`measuring: ${workload}`)
    const names = [...open.keys()].filter((name) => !quick || needed(workload, name))
    for (const name of names) await open.get(name)?.measure(workload, quick ? 300 : 1000, callers)
    const measured = await interleave(names, rounds, (name) =>
      (open.get(name) as ForkedVariant).measure(workload, ms, callers),
    )
    for (const [name, found] of measured) {
      const byWorkload = samples.get(name) ?? new Map<string, readonly Sample[]>()
      samples.set(name, byWorkload.set(workload, found))
    }
  }
  return samples
}

/** The list of ten serves only the ratio of signed to plain in a quick run. */
function needed(workload: string, name: string): boolean {
  return workload === 'primary-key read' || name === 'watertight' || name === 'watertight-plain'
}

function summarise(
  byWorkload: ReadonlyMap<string, readonly Sample[]>,
): VariantFigures['workloads'] {
  return Object.fromEntries(
    [...byWorkload].map(([workload, samples]) => [
      workload,
      {
        perSecond: spreadOf(samples.map(({ perSecond }) => perSecond)),
        clientCpuUs: spreadOf(samples.map(({ clientCpuUs }) => clientCpuUs)),
      },
    ]),
  )
}

/** Time per transaction under tenancy against time without, from the throughput of equal callers. */
function ormRatios(
  samples: Samples,
  figures: Readonly<Record<string, VariantFigures>>,
  names: readonly string[],
): BenchReport['orms'] {
  const comparable = names.filter((name) =>
    ['bare', 'watertight'].every((kind) => figures[`${name}-${kind}`]?.status === 'valid'),
  )
  const rates = (name: string): readonly number[] =>
    samples
      .get(name)
      ?.get('primary-key read')
      ?.map(({ perSecond }) => perSecond) ?? []
  return Object.fromEntries(
    comparable.map((name) => [name, ratioOf(rates(`${name}-bare`), rates(`${name}-watertight`))]),
  )
}

function ratiosOf(
  samples: Samples,
  figures: Readonly<Record<string, VariantFigures>>,
  peerNames: readonly string[],
  serverSide: BenchReport['serverSide'],
): BenchReport['ratios'] {
  const rates = (name: string, workload = 'primary-key read'): readonly number[] =>
    samples
      .get(name)
      ?.get(workload)
      ?.map(({ perSecond }) => perSecond) ?? []
  const ratio = (one: string, other: string, workload?: string): Spread =>
    ratioOf(rates(one, workload), rates(other, workload))
  const comparable = peerNames.filter((name) => figures[name]?.status === 'valid')
  return {
    oneShotVsRaw: ratio('watertight', 'raw-where'),
    oneShotVsRawPrepared: ratio('watertight-prepared', 'raw-where-prepared'),
    serverSide: serverSide?.signedVsUnscoped ?? null,
    serverSidePlain: serverSide?.plainVsUnscoped ?? null,
    signedVsPlain: ratio('watertight', 'watertight-plain'),
    signedVsPlainList10: ratio('watertight', 'watertight-plain', 'list of ten'),
    signedVsPlainServer: serverSide?.signedVsPlain ?? null,
    signedVsPlainServerList10: serverSide?.listSignedVsPlain ?? null,
    vsPeers: Object.fromEntries(comparable.map((name) => [name, ratio('watertight', name)])),
  }
}
