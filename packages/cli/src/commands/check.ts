import { relative, sep } from 'node:path'
import type { CheckResult, ProofCache } from '@watertight/verifier'
import type { Baseline } from '@watertight/verifier/findings'
import type { CatalogSnapshot } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { GeneratedLayer } from 'watertight/plan'
import type { Queryable } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfigIfAny } from '../config/load-config.js'
import type { LoadedConfig } from '../config/load-config.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import {
  configFlags,
  connectionFlags,
  outputFlags,
  preludeFlags,
  scriptFlags,
} from '../flags/shared-flags.js'
import { usualRole } from '../inference/render-config.js'
import { withSource } from '../input/open-source.js'
import type { OpenSource } from '../input/open-source.js'
import { scratchWorlds } from '../input/scratch-worlds.js'
import { defaultBaseline, readBaseline, writeBaseline } from '../report/baseline-file.js'
import { checkOutputs, outputFormats, writeOutputs } from '../report/check-outputs.js'
import { count } from '../report/count.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import type { Variables } from '../terminal/style.js'
import type { Command } from './command.js'

const ownFlags = {
  live: { kind: 'switch', summary: 'Also try attacks that lock whole tables.' },
  'no-live': { kind: 'switch', summary: 'Read the catalog only; try no attack.' },
  'two-world': {
    kind: 'switch',
    summary:
      'Also compare copies of the database that differ in one tenant, as another one sees them.',
  },
  'no-cache': {
    kind: 'switch',
    summary: 'Prove everything anew. Otherwise unchanged policies keep the proofs of the last run.',
  },
  'allow-unknown': {
    kind: 'switch',
    summary: 'Exit with 0 although something could not be checked.',
  },
  graph: {
    kind: 'switch',
    summary: 'Show all ways to tenant data, also proven ones.',
  },
  baseline: { kind: 'text', value: 'FILE', summary: 'Known findings do not fail; new ones do.' },
  'write-baseline': {
    kind: 'switch',
    summary: 'Write all findings to the baseline (watertight.baseline.json).',
  },
  report: {
    kind: 'list',
    value: 'FORMAT=FILE',
    summary: 'Another report: html=evidence.html. Repeatable.',
  },
  out: { kind: 'text', value: 'FILE', summary: 'Write the report there instead of to stdout.' },
} as const

const format: {
  readonly kind: 'choice'
  readonly choices: typeof outputFormats
  readonly summary: string
} = { kind: 'choice', choices: outputFormats, summary: 'Form of the report; default pretty.' }

type Flags = typeof configFlags &
  typeof connectionFlags &
  typeof scriptFlags &
  typeof preludeFlags &
  typeof ownFlags &
  Omit<typeof outputFlags, 'format'> & { readonly format: typeof format }

const flags: Flags = {
  ...configFlags,
  ...connectionFlags,
  ...scriptFlags,
  ...preludeFlags,
  ...ownFlags,
  'no-input': outputFlags['no-input'],
  format,
}

/** What {@link check} accepts. */
export type CheckInput = CommandInput<Flags>

/**
 * Checks the isolation of a database, a dump or a folder of migrations. Changes nothing: attacks run
 * in transactions that are rolled back.
 *
 * @returns 0 holds, 1 findings, 3 something could not be checked.
 */
export async function check(input: CheckInput, env: CommandEnvironment): Promise<ExitCode> {
  if (input.live === true && input.noLive === true) {
    throw new WatertightError('USAGE', '--live and --no-live exclude each other', {
      object: '--live',
      hint: 'Give one of them.',
    })
  }
  const outputs = await checkOutputs(input, env.cwd)
  const config = await loadConfigIfAny(input, env)
  if (config !== null) await refuseFarAccept(config)
  const known =
    input.baseline === undefined || input.writeBaseline === true
      ? null
      : await readBaseline(env.cwd, input.baseline)
  const { result: found, scripts } = await withSource(input, env, async (source) => ({
    result: await checkSource(source, config?.model ?? null, input, env),
    scripts: source.scripts,
  }))
  const { applyBaseline } = await import('@watertight/verifier/findings')
  const baseline = input.writeBaseline === true ? await saveBaseline(found, input, env) : known
  const result = baseline === null ? found : applyBaseline(found, baseline)
  const { exitCodeOf, ruleTitles } = await import('@watertight/verifier')
  const { scriptPlaces } = await import('../input/script-places.js')
  const allowUnknown = input.allowUnknown === true
  const mainFile = config === null ? undefined : relative(env.cwd, config.path)
  await writeOutputs(
    result,
    outputs,
    {
      titles: ruleTitles,
      placeOf: scriptPlaces(scripts, env.cwd),
      ...(mainFile !== undefined && { mainFile: mainFile.split(sep).join('/') }),
      allowUnknown,
      graph: input.graph === true,
    },
    env,
  )
  return exitCodeOf(result, { allowUnknown })
}

/** The model itself knows no clock, so that what is accepted for too long is refused here. */
async function refuseFarAccept({ path, model }: LoadedConfig): Promise<void> {
  const { acceptProblems } = await import('@watertight/verifier')
  const problems = acceptProblems(model, new Date().toISOString().slice(0, 10))
  if (problems.length === 0) return
  throw new WatertightError('INVALID_MODEL', `${path}: findings are accepted for too long`, {
    object: path,
    problems,
    hint: 'Accept for half a year at most; whoever still accepts it then says so again.',
  })
}

async function saveBaseline(
  result: CheckResult,
  input: CheckInput,
  env: CommandEnvironment,
): Promise<Baseline> {
  const file = input.baseline ?? defaultBaseline
  const { path, baseline } = await writeBaseline(env.cwd, file, result)
  const findings = count(baseline.findings.length, 'finding')
  env.err.lines(`wrote ${findings} to the baseline ${printableLine(path)}`)
  return baseline
}

/** The `check` verb. */
export const command: Command<Flags> = {
  name: 'check',
  summary: 'prove or refute that tenants are isolated',
  examples: [
    {
      line: 'watertight check postgres://postgres@localhost/acme',
      does: 'Reads the catalog, tries attacks as the runtime roles, rolls all back.',
    },
    {
      line: 'watertight check ./migrations --format json',
      does: 'Loads the migrations into a local PostgreSQL and checks that.',
    },
  ],
  operands: {
    usage: '[URL | DUMP.sql | FOLDER | -]',
    summary: 'A database, a plain dump, a folder of migrations, or a script on stdin.',
    least: 0,
    most: 1,
  },
  flags,
  exits:
    '0 holds, 1 findings or leaks, 3 not everything could be checked, 64 usage or a script that does not load, 69 server, 130 interrupted.',
  run: check,
}

async function checkSource(
  source: OpenSource,
  declared: TenancyModel | null,
  input: CheckInput,
  env: CommandEnvironment,
): Promise<CheckResult> {
  const { check: runCheck } = await import('@watertight/verifier')
  const { db } = source
  const progress = createProgress(env.err)
  const cache = input.noCache === true ? undefined : await openProofCache(env.variables)
  try {
    progress.step('reading the catalog')
    const catalog = await readWithRole(source, declared, env)
    const { model, inferred } =
      declared === null ? await inferFrom(catalog, env) : { model: declared, inferred: [] }
    const generated = declared === null ? null : await layerOf(db, declared, catalog)
    return await runCheck(db, {
      model,
      inferred,
      catalog,
      live: input.noLive !== true && canMakeContexts(model, catalog, env),
      // Nobody else works on a copy that was loaded here.
      attack: { mayBlock: source.isLocalCopy || input.live === true },
      ...(generated !== null && { generated }),
      ...(cache !== undefined && { cache }),
      ...(input.twoWorld === true && { worlds: await scratchWorlds(source) }),
      now: () => new Date(),
      onProgress: ({ stage, done, total, object }) => {
        // Thousands of probes: only a terminal, which overwrites its line, sees each.
        if (stage !== 'attack' || env.err.isTerminal) {
          progress.step(object === '' ? stage : `${stage} ${object}`, done, total)
        }
      },
    })
  } finally {
    progress.end()
  }
}

/** The catalog; of scripts without a role of the application, with one that stands in for it. */
async function readWithRole(
  { db, isLocalCopy }: OpenSource,
  declared: TenancyModel | null,
  env: CommandEnvironment,
): Promise<CatalogSnapshot> {
  const { readCatalog } = await import('watertight/catalog')
  const catalog = await readCatalog(db, { schemas: 'all' })
  if (!isLocalCopy) return catalog
  const { addStandInRole } = await import('../input/stand-in-role.js')
  const name = declared?.roles.app ?? usualRole
  if (!(await addStandInRole(db, catalog, name))) return catalog
  env.err.lines(
    `note: the scripts grant nothing to anybody, so a role ${printableLine(name)} that may use every table stands in for the one that your application logs in as; an owner of tables is bound by policies only where FORCE ROW LEVEL SECURITY is set`,
  )
  return readCatalog(db, { schemas: 'all' })
}

/** Proofs of former runs; undefined where nothing can be kept. */
async function openProofCache(variables: Variables): Promise<ProofCache | undefined> {
  const { proofCachePlace } = await import('../proof-cache/proof-cache-place.js')
  const { openFileProofCache } = await import('../proof-cache/file-proof-cache.js')
  const place = proofCachePlace(variables)
  // A read-only home costs time, nothing else.
  return place && openFileProofCache(place).catch(() => undefined)
}

/** Which tables carry exactly what the declaration asks for; null when it does not fit the database. */
async function layerOf(
  db: Queryable,
  model: TenancyModel,
  catalog: CatalogSnapshot,
): Promise<GeneratedLayer | null> {
  const { canonicaliseConditions } = await import('watertight/migrate')
  const { generatedLayer } = await import('watertight/plan')
  try {
    return generatedLayer(model, catalog, await canonicaliseConditions(db, model))
  } catch (error) {
    if (error instanceof WatertightError && error.code === 'MODEL_MISMATCH') return null
    throw error
  }
}

async function inferFrom(
  catalog: CatalogSnapshot,
  env: CommandEnvironment,
): Promise<{ readonly model: TenancyModel; readonly inferred: readonly string[] }> {
  const { modelOfCatalog } = await import('../inference/model-of-catalog.js')
  const { model, because, unclassified } = await modelOfCatalog(catalog)
  env.err.lines('there is no watertight.config.*, so the model is inferred:')
  for (const { path, reason } of because) {
    env.err.lines(`  ${path}: ${printableLine(reason)}`)
  }
  for (const { table, reason } of unclassified) {
    env.err.lines(`  not inferred: ${printableLine(table)}, ${printableLine(reason)}`)
  }
  return { model, inferred: because.map(({ path }) => path) }
}

/** Without the kernel no signed context can be made, so no attack can run under one. */
function canMakeContexts(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  env: CommandEnvironment,
): boolean {
  if (model.context.kind !== 'signed' || hasKernel(catalog)) return true
  env.err.lines('note: no attacks are tried, because the isolation layer is not installed')
  return false
}

function hasKernel({ relations }: CatalogSnapshot): boolean {
  return relations.some(({ schema, name }) => schema === 'watertight' && name === 'signing_keys')
}
