import { describeMachine, serverVersion } from '../bench-server.js'
import { generatePrismaClient } from '../prisma-client.js'
import { adapterOf, adapters, essentials, floors, ormPairs, ours, peers } from './adapters.js'
import type { Shops } from './databases.js'
import { packageVersions } from './package-versions.js'
import type { BenchReport, VariantFigures } from './report-shape.js'
import { countRoundTrips } from './round-trips.js'
import { bareOf, tenancyOf } from './orm-pair.js'
import { interleave, ratioOf, spreadOf } from './rounds.js'
import type { Spread } from './rounds.js'
import { measureServerSide } from './server-side.js'
import type { ShopSize } from './shop.js'
import type { Sample, Variant } from './variant.js'
import type { VariantStart } from './variant-start.js'
import type { Workload } from '../workloads/workload.js'

export interface CompareOptions {
  /** Only what the ratios need. */
  readonly quick: boolean
  readonly size: ShopSize
  /** Names of the peers and ORMs to compare with; null for all. */
  readonly only: readonly string[] | null
  readonly asked: readonly Workload[]
  readonly timing: Timing
  /** Opens an adapter: in a process of its own, unless a test needs it in this one. */
  readonly openVariant: (start: VariantStart) => Promise<OpenVariant>
  readonly onProgress: (line: string) => void
}

export interface Timing {
  readonly rounds: number
  /** Milliseconds of a sample, and of what precedes the first one. */
  readonly sampleMs: number
  readonly warmUpMs: number
  /** Seconds of a sample of the server alone; 0 leaves it out. */
  readonly serverSeconds: number
}

/** What is asked of an opened adapter, wherever it runs. */
export type OpenVariant = Pick<Variant, 'canary' | 'measure' | 'close'>

const poolSize = 8
const callers = 8

/** Samples per adapter, by workload. */
type Samples = ReadonlyMap<string, ReadonlyMap<string, readonly Sample[]>>

export async function compare(shops: Shops, options: CompareOptions): Promise<BenchReport> {
  const { quick, size, onProgress } = options
  const chosen = peers.filter(({ name }) => options.only?.includes(name) ?? true)
  // ORMs are measured beside themselves in full runs, or when they are asked for.
  const pairs = ormPairs.filter(({ name }) => options.only?.includes(name) ?? !options.quick)
  const wanted = [
    ...(quick ? essentials : [...floors, ...ours]),
    ...chosen,
    ...pairs.flatMap((pair) => [bareOf(pair), tenancyOf(pair)]),
  ]
  onProgress('counting round trips')
  const roundTrips = await countRoundTrips(shops.urls.signed, shops.signingKey)
  onProgress('measuring the server alone')
  const { rounds, serverSeconds: seconds } = options.timing
  const serverSide =
    seconds === 0 ? null : await measureServerSide(shops, size, { rounds, seconds })
  if (chosen.some(({ name }) => name === 'prisma')) {
    await generatePrismaClient().catch((error: unknown) => onProgress(`prisma: ${String(error)}`))
  }
  const { open, figures } = await openAll(
    shops,
    wanted.map(({ name }) => name),
    options,
  )
  try {
    const samples = await measureAll(open, options)
    for (const [name, byWorkload] of samples) {
      figures[name] = { ...(figures[name] ?? valid), workloads: summarise(byWorkload) }
    }
    return {
      machine: describeMachine(),
      server: { version: await serverVersion(shops.adminUrls.unscoped) },
      packages: await packageVersions([...new Set(adapters.flatMap((a) => a.packages))]),
      settings: { rounds, poolSize, callers, ...size, quick, workloads: namesOf(options.asked) },
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
      loads: null,
      variants: figures,
    }
  } finally {
    await Promise.all([...open.values()].map((variant) => variant.close()))
  }
}

function namesOf(asked: readonly Workload[]): string {
  return asked.map(({ name }) => name).join(',')
}

const valid: VariantFigures = { status: 'valid', reason: null, workloads: {} }

interface Opened {
  readonly open: ReadonlyMap<string, OpenVariant>
  readonly figures: Record<string, VariantFigures>
}

/** Opens each adapter and lets it through the canary; what fails keeps its reason. */
async function openAll(
  shops: Shops,
  names: readonly string[],
  { size, onProgress, openVariant }: CompareOptions,
): Promise<Opened> {
  const openOne = async (name: string) => {
    const { shop } = adapterOf(name)
    const target = { url: shops.urls[shop], signingKey: shops.signingKey, poolSize }
    try {
      const variant = await openVariant({ adapter: name, target, size })
      const failures = await variant.canary()
      const isValid = failures.length === 0
      const reason = failures.join('; ')
      onProgress(`${name}: ${isValid ? 'keeps tenants apart' : `INVALID, ${reason}`}`)
      const figure = isValid ? valid : ({ ...valid, status: 'INVALID', reason } as const)
      return { name, variant, figure }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      onProgress(`${name}: cannot run here: ${reason}`)
      return { name, variant: null, figure: { ...valid, status: 'unavailable', reason } as const }
    }
  }
  const opened = await Promise.all(names.map(openOne))
  return {
    open: new Map(opened.flatMap(({ name, variant }) => (variant ? [[name, variant]] : []))),
    figures: Object.fromEntries(opened.map(({ name, figure }) => [name, figure])),
  }
}

async function measureAll(
  open: ReadonlyMap<string, OpenVariant>,
  { quick, asked, onProgress, timing }: CompareOptions,
): Promise<Samples> {
  const samples = new Map<string, Map<string, readonly Sample[]>>()
  for (const { name: workload } of asked) {
    onProgress(`measuring: ${workload}`)
    const names = [...open.keys()].filter((name) => !quick || needed(workload, name))
    for (const name of names) await open.get(name)?.measure(workload, timing.warmUpMs, callers)
    const measured = await interleave(names, timing.rounds, (name) =>
      (open.get(name) as OpenVariant).measure(workload, timing.sampleMs, callers),
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
    oneShotVsRawPrepared: ratio('watertight', 'raw-where-prepared'),
    oneShotVsRawUnprepared: samples.has('watertight-unprepared')
      ? ratio('watertight-unprepared', 'raw-where')
      : null,
    serverSide: serverSide?.signedVsUnscoped ?? null,
    serverSidePlain: serverSide?.plainVsUnscoped ?? null,
    signedVsPlain: ratio('watertight', 'watertight-plain'),
    signedVsPlainList10: ratio('watertight', 'watertight-plain', 'list of ten'),
    signedVsPlainServer: serverSide?.signedVsPlain ?? null,
    signedVsPlainServerList10: serverSide?.listSignedVsPlain ?? null,
    vsPeers: Object.fromEntries(comparable.map((name) => [name, ratio('watertight', name)])),
  }
}
