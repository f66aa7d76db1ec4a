import { catalogHash, readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { GeneratedLayer } from 'watertight/plan'
import type { Queryable } from 'watertight/sql'
import type { AttackOptions } from '../attack/run-attacks.js'
import { runAttacks } from '../attack/run-attacks.js'
import type { WorldMaker } from '../attack/two-world/world-maker.js'
import { loadParser } from '../expr/index.js'
import { checkSchemaId, compareSeverity } from '../findings/index.js'
import type { AcceptedResult, CheckResult, CheckSummary, Finding } from '../findings/index.js'
import { accessGraph } from '../graph/access-graph.js'
import { disclosureReview, disclosureText } from '../graph/disclosures.js'
import { lintInput } from '../lint/lint-input.js'
import { reviewFindings } from '../lint/run-lint.js'
import type { Solver } from '../prove/solver.js'
import { refuseFarAccept } from './accept-horizon.js'
import { assumptionsOf } from './assumptions.js'
import { attackFindings, sequenceFindings } from './attack-findings.js'
import { coverageOf } from './coverage.js'
import { modelHash } from './model-hash.js'
import { classCoverage } from './object-classes.js'
import type { ProofCache } from './proof-cache/proof-cache.js'
import { rememberedLint } from './proof-cache/remembered-lint.js'
import { proofsOf } from './proofs.js'
import { stagesOf } from './stages.js'
import { toolName, toolVersion } from './tool.js'
import { twoWorlds } from './two-worlds.js'

/** What to check, and how far to go. */
export interface CheckOptions {
  readonly model: TenancyModel
  /** JSON paths of the parts of the model that were inferred. */
  readonly inferred?: readonly string[]
  /** A snapshot that was already read; else it is read here. */
  readonly catalog?: CatalogSnapshot
  /** Run the cross-tenant probes, in transactions that are rolled back. */
  readonly live: boolean
  readonly attack?: Omit<AttackOptions, 'onProgress'>
  /** Makes scratch copies for the two-world test; without it the test is not run. */
  readonly worlds?: WorldMaker
  /** Prove what policies can prove; true by default. */
  readonly prove?: boolean
  /** Proofs of former runs; without it every proof is made anew. */
  readonly cache?: ProofCache
  /** A solver for many runs, which stays open; else one is started when a proof needs it. */
  readonly solver?: Solver
  readonly generated?: GeneratedLayer
  /** The clock: decides which suppressions expired and how long the run took. */
  readonly now: () => Date
  readonly onProgress?: (progress: CheckProgress) => void
}

/** Where a run stands. */
export interface CheckProgress {
  readonly stage: 'catalog' | 'lint' | 'prove' | 'attack' | 'two-worlds'
  readonly done: number
  readonly total: number
  /** The object that is being worked on; empty when there is none. */
  readonly object: string
}

/**
 * Checks tenant isolation: catalog rules, proofs, then live probes as each runtime role. `db` must be one
 * connection, of a superuser where live probes are asked for. Nothing is changed.
 *
 * @throws UNSUPPORTED_SERVER when the server is older than PostgreSQL 15 or not PostgreSQL,
 * INVALID_MODEL when the model accepts a finding for more than 180 days.
 *
 * @example
 * ```ts
 * const result = await check(client, { model, live: true, now: () => new Date() })
 * process.exitCode = exitCodeOf(result, { allowUnknown: false })
 * ```
 */
export async function check(db: Queryable, options: CheckOptions): Promise<CheckResult> {
  const started = options.now()
  const progress = (
    stage: CheckProgress['stage'],
    done: number,
    total: number,
    object = '',
  ): void => options.onProgress?.({ stage, done, total, object })

  refuseFarAccept(options.model, started.toISOString().slice(0, 10))
  progress('catalog', 0, 1)
  const catalog = options.catalog ?? (await readCatalog(db, { schemas: 'all' }))
  // Whatever the cache knows, attacks and graph parse, too.
  await loadParser()
  const lint = lintInput(options.model, catalog, started)
  progress('lint', 0, 1)
  const linted = await rememberedLint(lint, options.cache)
  progress('prove', 0, 1)
  const proofs =
    options.prove === false
      ? []
      : await proofsOf(
          lint,
          (done, total, object) => progress('prove', done, total, object),
          options,
        )
  const attacks = options.live
    ? await runAttacks(db, lint, {
        ...options.attack,
        proofs,
        onProgress: (done, total, object) => progress('attack', done, total, object),
      })
    : null
  if (options.worlds !== undefined) progress('two-worlds', 0, 1)
  const worlds = options.worlds && (await twoWorlds(options.worlds, lint))
  const live = [
    ...(attacks === null ? [] : [...attackFindings(attacks), ...sequenceFindings(attacks)]),
    ...(worlds?.findings ?? []),
  ]
  const coverage = coverageOf({
    lint,
    linted,
    attacks,
    proofs,
    generated: options.generated ?? null,
  })
  const graph = accessGraph({
    model: options.model,
    catalog,
    coverage,
    isLayerExact: isLayerExact(options.generated, catalog),
  })
  const { counted, accepted } = applyAccept(options.model, [...live, ...linted], lint.today)
  const findings = [...counted, ...reviewFindings(lint, [...live, ...linted])].toSorted(
    (a, b) => compareSeverity(a.severity, b.severity) || (a.key < b.key ? -1 : 1),
  )
  return {
    schema: checkSchemaId,
    tool: { name: toolName, version: toolVersion },
    server: { version: catalog.server.version, versionNum: catalog.server.versionNum },
    startedAt: started.toISOString(),
    hashes: { catalog: catalogHash(catalog), model: modelHash(options.model) },
    model: { ...options.model, inferred: options.inferred ?? [] },
    coverage,
    assumptions: assumptionsOf(coverage, disclosed(options.model, catalog)),
    classes: classCoverage({ lint, coverage, graph, attacks }),
    stages: [...stagesOf(options, attacks), ...(worlds === undefined ? [] : [worlds.stage])],
    findings,
    accepted,
    baselined: [],
    graph,
    summary: summarise(coverage, findings, accepted, {
      statements: attacks?.statements ?? 0,
      sequencesMoved: attacks?.sequencesMoved ?? [],
      durationMs: options.now().getTime() - started.getTime(),
    }),
  }
}

function disclosed(model: TenancyModel, catalog: CatalogSnapshot): readonly string[] {
  return disclosureReview(model, catalog).declared.map((each) => disclosureText(each.disclosure))
}

/** A relation is exact only where the kernel and its roles are. */
function isLayerExact(
  generated: GeneratedLayer | undefined,
  { relations }: CatalogSnapshot,
): boolean {
  return relations.some(({ schema, name }) => generated?.isExact({ schema, name }) === true)
}

function applyAccept(
  model: TenancyModel,
  findings: readonly Finding[],
  today: string,
): { counted: Finding[]; accepted: AcceptedResult[] } {
  const live = new Map(
    model.accept.filter((entry) => entry.until >= today).map((entry) => [entry.key, entry]),
  )
  const counted: Finding[] = []
  const accepted: AcceptedResult[] = []
  for (const finding of findings) {
    const entry = live.get(finding.key)
    if (entry === undefined) counted.push(finding)
    else accepted.push({ finding, reason: entry.reason, until: entry.until })
  }
  return { counted, accepted }
}

function summarise(
  coverage: CheckResult['coverage'],
  findings: readonly Finding[],
  accepted: readonly AcceptedResult[],
  run: Pick<CheckSummary, 'statements' | 'sequencesMoved' | 'durationMs'>,
): CheckSummary {
  const verdict = (name: string): number => coverage.filter((row) => row.verdict === name).length
  const severity = (name: string): number =>
    findings.filter((finding) => finding.severity === name).length
  return {
    proven: verdict('proven'),
    provenByLayer: coverage.filter((row) => row.verdict === 'proven' && row.by === 'lint').length,
    leak: verdict('leak'),
    unknown: verdict('unknown'),
    notApplicable: verdict('not-applicable'),
    errors: severity('error'),
    warnings: severity('warning'),
    infos: severity('info'),
    accepted: accepted.length,
    baselined: 0,
    ...run,
  }
}
