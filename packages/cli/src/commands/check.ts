import type { CheckResult, ProofCache } from '@watertight/verifier'
import type { CatalogSnapshot } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { GeneratedLayer } from 'watertight/plan'
import type { Queryable } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfigIfAny } from '../config/load-config.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, connectionFlags, outputFlags, scriptFlags } from '../flags/shared-flags.js'
import { withSource } from '../input/open-source.js'
import type { OpenSource } from '../input/open-source.js'
import { writeJson } from '../report/json-output.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import type { Variables } from '../terminal/style.js'
import type { Command } from './command.js'

const ownFlags = {
  'no-live': {
    kind: 'switch',
    summary: 'Read the catalog only. Otherwise attacks are tried and rolled back.',
  },
  'no-cache': {
    kind: 'switch',
    summary: 'Prove everything anew. Otherwise unchanged policies keep the proofs of the last run.',
  },
  'allow-unknown': {
    kind: 'switch',
    summary: 'Exit with 0 although something could not be checked.',
  },
} as const

type Flags = typeof configFlags &
  typeof connectionFlags &
  typeof scriptFlags &
  typeof ownFlags &
  typeof outputFlags

const flags: Flags = {
  ...configFlags,
  ...connectionFlags,
  ...scriptFlags,
  ...ownFlags,
  ...outputFlags,
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
  const config = await loadConfigIfAny(input, env)
  const result = await withSource(input, env, (source) =>
    checkSource(source, config?.model ?? null, input, env),
  )
  if (input.format === 'json') writeJson(env.out, result)
  else {
    const { renderPretty } = await import('@watertight/verifier/report')
    const { hasColour, width, hasUnicode } = env.out.style
    env.out.write(renderPretty(result, { color: hasColour, width, unicode: hasUnicode }))
  }
  const { exitCodeOf } = await import('@watertight/verifier')
  return exitCodeOf(result, { allowUnknown: input.allowUnknown === true })
}

/** The `check` verb. */
export const command: Command<Flags> = {
  name: 'check',
  summary: 'prove or refute that tenants are isolated',
  examples: [
    {
      line: 'watertight check postgres://postgres@localhost/acme',
      does: 'Reads the catalog, then tries cross-tenant attacks as the runtime roles and rolls back.',
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
  { db }: OpenSource,
  declared: TenancyModel | null,
  input: CheckInput,
  env: CommandEnvironment,
): Promise<CheckResult> {
  const { check: runCheck } = await import('@watertight/verifier')
  const { readCatalog } = await import('watertight/catalog')
  const progress = createProgress(env.err)
  const cache = input.noCache === true ? undefined : await openProofCache(env.variables)
  try {
    progress.step('reading the catalog')
    const catalog = await readCatalog(db, { schemas: 'all' })
    const { model, inferred } =
      declared === null ? await inferFrom(catalog, env) : { model: declared, inferred: [] }
    const generated = declared === null ? null : await layerOf(db, declared, catalog)
    return await runCheck(db, {
      model,
      inferred,
      catalog,
      live: input.noLive !== true && canMakeContexts(model, catalog, env),
      ...(generated !== null && { generated }),
      ...(cache !== undefined && { cache }),
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
  const { inferModel } = await import('../inference/infer-model.js')
  const { parseModel } = await import('watertight/model')
  const { input, because, unclassified } = inferModel(catalog)
  env.err.lines('there is no watertight.config.*, so the model is inferred:')
  for (const { path, reason } of because) {
    env.err.lines(`  ${path}: ${printableLine(reason)}`)
  }
  for (const { table, reason } of unclassified) {
    env.err.lines(`  not inferred: ${printableLine(table)}, ${printableLine(reason)}`)
  }
  const isGuess = input.context === undefined && !hasKernel(catalog)
  if (isGuess) env.err.lines('  context: no policy reads one; the setting app.tenant_id is assumed')
  const model = isGuess
    ? { ...input, context: { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' } as const }
    : input
  return { model: parseModel(model), inferred: because.map(({ path }) => path) }
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
