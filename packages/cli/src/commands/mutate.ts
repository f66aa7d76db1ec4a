import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Mutant, MutateResult } from '@watertight/verifier'
import type { CatalogSnapshot } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import { ident, sql } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfigIfAny } from '../config/load-config.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, outputFlags, preludeFlags, scriptFlags } from '../flags/shared-flags.js'
import { modelOfCatalog } from '../inference/model-of-catalog.js'
import { refuseIfAborted } from '../input/refuse-if-aborted.js'
import { checkBaseline } from '../mutation/check-baseline.js'
import { judgeMutants } from '../mutation/judge-mutants.js'
import { withScratch } from '../mutation/open-scratch.js'
import { withClient } from '../mutation/scratch.js'
import type { Scratch } from '../mutation/scratch.js'
import { studySurvivors } from '../mutation/study-survivors.js'
import { writeJson } from '../report/json-output.js'
import { createProgress } from '../terminal/progress.js'
import { toolVersion } from '../tool-version.js'
import type { Command } from './command.js'

const ownFlags = {
  test: {
    kind: 'text',
    value: 'COMMAND',
    summary: 'Your tests. They find the database in DATABASE_URL and PG*; required.',
  },
  'scratch-url': {
    kind: 'text',
    value: 'URL',
    summary: 'A database that may be copied on its server, in place of a server of our own.',
  },
  role: {
    kind: 'text',
    value: 'ROLE',
    summary: 'Role in DATABASE_URL; default a superuser, as always in DATABASE_URL_MIGRATOR.',
  },
  only: {
    kind: 'list',
    value: 'TEXT',
    summary: 'Only mutants whose id has TEXT in it. Can be repeated.',
  },
  jobs: { kind: 'number', value: 'N', summary: 'Mutants at a time; default half the processors.' },
  timeout: {
    kind: 'number',
    value: 'SECONDS',
    summary: 'Longest test run; default five times the first one, and 10 seconds more.',
  },
  'write-tests': {
    kind: 'text',
    value: 'DIR',
    summary: 'Write a test for each survivor that kills it, tried on both databases.',
  },
  'test-format': {
    kind: 'choice',
    choices: ['node', 'sql'],
    summary: 'Form of written tests: for node --test and pg (default), or plain SQL.',
  },
} as const

type Flags = typeof configFlags &
  typeof scriptFlags &
  typeof preludeFlags &
  typeof ownFlags &
  typeof outputFlags

const flags: Flags = {
  ...ownFlags,
  ...configFlags,
  ...scriptFlags,
  ...preludeFlags,
  ...outputFlags,
}

/** What {@link mutate} accepts. */
export type MutateInput = CommandInput<typeof flags>

/**
 * Plants small faults in copies of the isolation layer, one at a time, and runs the user's tests on
 * each. What is named is read and never changed.
 *
 * @returns 0 all noticed, 1 one was not, 3 one could not be judged, 4 the tests cannot judge.
 */
export async function mutate(input: MutateInput, env: CommandEnvironment): Promise<ExitCode> {
  const { test } = input
  if (test === undefined || test.trim() === '') {
    throw new WatertightError('USAGE', '--test is missing', {
      hint: 'Name the command that runs your tests: --test "npm test".',
    })
  }
  const config = await loadConfigIfAny(input, env)
  const result = await withScratch(input, env, async (scratch) => {
    const { planMutants } = await import('@watertight/verifier')
    const { readCatalog } = await import('watertight/catalog')
    const catalog = await withClient(scratch.url, (db) => readCatalog(db, { schemas: 'all' }))
    const model = config?.model ?? (await modelOfCatalog(catalog)).model
    const all = await planMutants(model, catalog)
    const wanted = input.only ?? []
    const mutants =
      wanted.length === 0 ? all : all.filter(({ id }) => wanted.some((part) => id.includes(part)))
    if (mutants.length === 0) {
      throw new WatertightError('INVALID_INPUT', 'there is nothing to mutate', {
        object: scratch.source,
        hint: 'The database has no policies and no Row Level Security, or --only names none of it.',
      })
    }
    return judged(test, mutants, { scratch, catalog, model }, input, env)
  })
  if (input.format === 'json') writeJson(env.out, result)
  else {
    const { renderMutatePretty } = await import('@watertight/verifier')
    const { hasColour, width, hasUnicode } = env.out.style
    env.out.write(renderMutatePretty(result, { color: hasColour, width, unicode: hasUnicode }))
  }
  const { mutateExitCode } = await import('@watertight/verifier')
  return mutateExitCode(result)
}

/** The `mutate` verb. */
export const command: Command<typeof flags> = {
  name: 'mutate',
  summary: 'see whether your tests notice faults in the isolation layer',
  examples: [
    {
      line: 'watertight mutate ./migrations --test "npm test"',
      does: 'Loads the migrations into a local PostgreSQL and tests mutated copies.',
    },
    {
      line: 'watertight mutate dump.sql --test "npm test" --write-tests test/isolation',
      does: 'Also writes a test for every fault that went unnoticed.',
    },
  ],
  operands: {
    usage: '[URL | DUMP.sql | FOLDER]',
    summary: 'What to copy: a database (its schema, with pg_dump), a dump, or migrations.',
    least: 0,
    most: 1,
  },
  flags,
  exits:
    '0 every fault noticed, 1 some were not, 3 some could not be judged, 4 the tests fail without a fault or do not use the database, 64 usage, 69 server, 130 interrupted.',
  run: mutate,
}

interface Subject {
  readonly scratch: Scratch
  readonly catalog: CatalogSnapshot
  readonly model: TenancyModel
}

async function judged(
  test: string,
  mutants: readonly Mutant[],
  { scratch, catalog, model }: Subject,
  input: MutateInput,
  env: CommandEnvironment,
): Promise<MutateResult> {
  const started = Date.now()
  const { role, writeTests } = input
  if (role !== undefined && scratch.isOwnServer) {
    await withClient(scratch.url, (db) => db.query(sql`alter role ${ident(role)} login`.text))
  }
  const tests = {
    command: test,
    cwd: env.cwd,
    variables: env.variables,
    signal: env.signal,
    timeoutMs: (input.timeout ?? 600) * 1000,
  }
  const progress = createProgress(env.err)
  const original = await scratch.copy()
  const study = studySurvivors({
    scratch,
    catalog,
    model,
    original,
    folder: writeTests === undefined ? undefined : resolve(env.cwd, writeTests),
    format: input.testFormat ?? 'node',
  })
  try {
    const baselineMs = await checkBaseline(scratch, tests, role, progress)
    const timeoutMs = input.timeout === undefined ? baselineMs * 5 + 10_000 : input.timeout * 1000
    const outcomes = await judgeMutants(mutants, {
      scratch,
      tests: { ...tests, timeoutMs },
      role,
      jobs: input.jobs ?? Math.max(1, Math.floor(availableParallelism() / 2)),
      study,
      onJudged: ({ id, status }, done) =>
        progress.step(`${status} ${id}`, done - 1, mutants.length),
    })
    const { mutateSchemaId, summarise } = await import('@watertight/verifier')
    const { version, versionNum } = catalog.server
    return {
      schema: mutateSchemaId,
      tool: { name: 'watertight', version: await toolVersion() },
      server: { version, versionNum },
      source: scratch.source,
      test,
      mutants: outcomes,
      summary: summarise(outcomes, { baselineMs, durationMs: Date.now() - started }),
    }
  } catch (error) {
    refuseIfAborted(env.signal)
    throw error
  } finally {
    progress.end()
    study.close()
  }
}
