import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { CommandEnvironment } from '../command-environment.js'
import { configNames } from '../config/find-config.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { connectionFlags, outputFlags, preludeFlags, scriptFlags } from '../flags/shared-flags.js'
import type { Inference } from '../inference/inference.js'
import { completeInput, otherRole, renderConfig } from '../inference/render-config.js'
import { withRolesToMake } from '../inference/roles-to-make.js'
import { withSource } from '../input/open-source.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { printableLine } from '../terminal/printable.js'
import type { Command } from './command.js'

const ownFlags = {
  force: { kind: 'switch', summary: 'Overwrite a watertight.config.ts that is there.' },
  'dry-run': { kind: 'switch', summary: 'Print the configuration instead of writing it.' },
} as const

type Flags = typeof connectionFlags &
  typeof scriptFlags &
  typeof preludeFlags &
  typeof ownFlags &
  typeof outputFlags

const flags: Flags = {
  ...connectionFlags,
  ...scriptFlags,
  ...preludeFlags,
  ...ownFlags,
  ...outputFlags,
}

/** What {@link init} accepts. */
export type InitInput = CommandInput<Flags>

/**
 * Infers a tenancy declaration and writes `watertight.config.ts` into the working directory. The
 * database is only read.
 *
 * @returns 0 when every table was classified, 3 when some have to be decided by a person.
 * @throws INVALID_INPUT when the file is there already.
 */
export async function init(input: InitInput, env: CommandEnvironment): Promise<ExitCode> {
  const { inferModel: inferFromPolicies, loadParser } = await import('@watertight/verifier')
  const { inferModel } = await import('../inference/infer-model.js')
  const { parseModel } = await import('watertight/model')
  const { readCatalog } = await import('watertight/catalog')
  const path = join(env.cwd, configNames[0])
  await loadParser()
  const inference = await withSource(input, env, async ({ db }) => {
    const catalog = await readCatalog(db, { schemas: 'all' })
    return withRolesToMake(inferModel(catalog, inferFromPolicies(catalog)), catalog)
  })
  if (inference.because.every(({ path: part }) => part !== 'tables')) throw nothingFound()
  const declared = completeInput(inference.input)
  // What is written must be accepted by the next command.
  parseModel(declared)
  const text = renderConfig(inference)
  const isDry = input.dryRun === true
  if (!isDry) await writeConfig(path, text, input.force === true)
  if (input.format === 'json') {
    writeJson(env.out, { schema: 'watertight.init/1', config: declared, ...rest(inference), path })
  } else {
    if (isDry) env.out.write(text)
    report(inference, isDry ? null : path, env)
  }
  return inference.unclassified.length === 0 ? 0 : 3
}

/** The `init` verb. */
export const command: Command<Flags> = {
  name: 'init',
  summary: 'infer a tenancy declaration and write watertight.config.ts',
  examples: [
    {
      line: 'watertight init postgres://localhost/acme',
      does: 'Reads columns, foreign keys, policies and roles of the database.',
    },
    {
      line: 'watertight init ./migrations --dry-run',
      does: 'The same from migrations, loaded into a local PostgreSQL; prints the file.',
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
    '0 written, 3 written and some tables are left for you to classify, 64 usage or a script that does not load, 69 server, 130 interrupted.',
  run: init,
}

async function writeConfig(path: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!isThere) throw error
    throw new WatertightError('INVALID_INPUT', `${path} is there already; nothing was written`, {
      object: path,
      hint: 'Use --force to overwrite it, or --dry-run to look at what would be written.',
      cause: error,
    })
  }
}

function nothingFound(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'no table with a tenant column was found', {
    hint: 'Are the tables in this database? Write watertight.config.ts by hand if the column has an unusual name.',
  })
}

function rest({ because, unclassified, otherRoles }: Inference): object {
  return { inferred: because, notInferred: unclassified, otherRoles }
}

function report(inference: Inference, path: string | null, env: CommandEnvironment): void {
  const { err } = env
  const { style } = err
  for (const { path: part, reason } of inference.because) {
    err.lines(`${style.green(style.tick)} ${part}: ${printableLine(reason)}`)
  }
  for (const role of inference.otherRoles) {
    err.lines(`${style.yellow('?')} roles: ${printableLine(otherRole(role))}`)
  }
  for (const { table, reason } of inference.unclassified) {
    err.lines(`${style.yellow('?')} ${printableLine(table)}: ${printableLine(reason)}`)
  }
  const found = count(Object.keys(inference.input.tables ?? {}).length, 'table')
  const left = inference.unclassified.length
  const open = left === 0 ? '' : `, ${left} for you to decide`
  if (path === null) err.lines(`${found} classified${open}`)
  else {
    err.lines(`${found} classified${open}; wrote ${path}`)
    err.lines(`${style.cyan('next')}: read it, then \`watertight plan\``)
  }
}
