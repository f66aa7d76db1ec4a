import { resolve } from 'node:path'
import type { DiffInput, DiffResult } from '@watertight/verifier'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfigIfAny } from '../config/load-config.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, outputFlags, preludeFlags, scriptFlags } from '../flags/shared-flags.js'
import { modelOfCatalog } from '../inference/model-of-catalog.js'
import { withSource } from '../input/open-source.js'
import type { OpenSource } from '../input/open-source.js'
import { withFolderOfRevision } from '../input/read-git-folder.js'
import { writeJson } from '../report/json-output.js'
import { createProgress } from '../terminal/progress.js'
import type { Command } from './command.js'

const ownFlags = {
  'from-ref': {
    kind: 'text',
    value: 'REVISION',
    summary: 'A is the folder of migrations as this git revision has it; name the folder once.',
  },
  'no-live': {
    kind: 'switch',
    summary: 'Do not try example rows. Otherwise they are made and rolled back on both servers.',
  },
  'allow-unknown': {
    kind: 'switch',
    summary: 'Exit with 0 although something could not be decided.',
  },
  format: {
    kind: 'choice',
    choices: ['pretty', 'json', 'markdown'],
    summary: 'Form of the data on stdout; default pretty. markdown is for a pull request.',
  },
} as const

const flags: typeof configFlags &
  typeof scriptFlags &
  typeof preludeFlags &
  typeof ownFlags & { readonly 'no-input': (typeof outputFlags)['no-input'] } = {
  ...configFlags,
  ...scriptFlags,
  ...preludeFlags,
  ...ownFlags,
  'no-input': outputFlags['no-input'],
}

/** What {@link diff} accepts. */
export type DiffCommandInput = CommandInput<typeof flags>

/**
 * Says what a change of policies allows or forbids that was not so before, for every relation, role
 * and command: proven by the solver, or shown by a row on both servers. Changes nothing.
 *
 * @returns 0 no difference, 1 B allows more, 2 B only forbids more, 3 not decided.
 */
export async function diff(input: DiffCommandInput, env: CommandEnvironment): Promise<ExitCode> {
  const config = await loadConfigIfAny(input, env)
  const model = config?.model ?? null
  const result = await withBoth(input, env, (before, after) =>
    compare(before, after, model, input, env),
  )
  const { diffExitCode, renderDiffMarkdown, renderDiffPretty } =
    await import('@watertight/verifier')
  if (input.format === 'json') writeJson(env.out, result)
  else if (input.format === 'markdown') env.out.write(renderDiffMarkdown(result))
  else {
    const { hasColour, width, hasUnicode } = env.out.style
    env.out.write(renderDiffPretty(result, { color: hasColour, width, unicode: hasUnicode }))
  }
  return diffExitCode(result, { allowUnknown: input.allowUnknown === true })
}

/** The `diff` verb. */
export const command: Command<typeof flags> = {
  name: 'diff',
  summary: 'tell what a change of policies allows or forbids',
  examples: [
    {
      line: 'watertight diff postgres://localhost/acme ./migrations',
      does: 'What the migrations allow that the running database does not, and the reverse.',
    },
    {
      line: 'watertight diff --from-ref main ./migrations --format markdown',
      does: 'What this branch changes, as a comment for its pull request.',
    },
  ],
  operands: {
    usage: 'A B',
    summary: 'Each a database, a plain dump, or a folder of migrations.',
    least: 1,
    most: 2,
  },
  flags,
  exits:
    '0 no difference, 1 B allows more than A, 2 B only forbids more, 3 not everything could be decided, 64 usage or a script that does not load, 69 server, 130 interrupted.',
  run: diff,
}

interface NamedSource {
  readonly name: string
  readonly source: OpenSource
}

async function withBoth<T>(
  input: DiffCommandInput,
  env: CommandEnvironment,
  use: (before: NamedSource, after: NamedSource) => Promise<T>,
): Promise<T> {
  const { operands = [], fromRef, serverVersion, prelude } = input
  const [first, second] = operands
  if (first === undefined || (fromRef === undefined) !== (second !== undefined)) {
    throw new WatertightError(
      'USAGE',
      fromRef === undefined ? 'B is missing' : '--from-ref takes one folder, not A and B',
      { hint: 'See watertight diff --help.' },
    )
  }
  const open = (operand: string, run: (source: OpenSource) => Promise<T>): Promise<T> =>
    withSource({ operands: [operand], serverVersion, prelude }, env, run)
  const both = (from: string, name: string, to: string): Promise<T> =>
    open(from, (before) =>
      open(to, (after) =>
        use({ name, source: before }, { name: nameOf(to, after), source: after }),
      ),
    )
  if (fromRef !== undefined) {
    const folder = resolve(env.cwd, first)
    return withFolderOfRevision(folder, fromRef, (copy) =>
      both(copy, `${first} at ${fromRef}`, first),
    )
  }
  const to = second ?? first
  return open(first, (before) =>
    open(to, (after) =>
      use(
        { name: nameOf(first, before), source: before },
        { name: nameOf(to, after), source: after },
      ),
    ),
  )
}

/** INVARIANT: a URL may hold a password and is never printed. */
function nameOf(operand: string, { isLocalCopy, address }: OpenSource): string {
  return isLocalCopy ? operand : `${address.database} on ${address.host}`
}

async function compare(
  before: NamedSource,
  after: NamedSource,
  declared: TenancyModel | null,
  input: DiffCommandInput,
  env: CommandEnvironment,
): Promise<DiffResult> {
  const { diffIsolation } = await import('@watertight/verifier')
  const { readCatalog } = await import('watertight/catalog')
  const progress = createProgress(env.err)
  const inputOf = async ({ name, source }: NamedSource): Promise<DiffInput> => {
    progress.step(`reading the catalog of ${name}`)
    const catalog = await readCatalog(source.db, { schemas: 'all' })
    const model = declared ?? (await modelOfCatalog(catalog)).model
    const connect: DiffInput['connect'] = async () => {
      const client = await source.another()
      return { db: client, close: () => client.end() }
    }
    const isTried = input.noLive !== true && catalog.server.isSuperuser
    if (input.noLive !== true && !isTried) {
      env.err.lines(`note: ${name}: examples are not tried, since the role is no superuser`)
    }
    return { name, db: source.db, catalog, model, ...(isTried && { connect }) }
  }
  try {
    return await diffIsolation(await inputOf(before), await inputOf(after), {
      onProgress: (done, total, object) => {
        if (env.err.isTerminal) progress.step(object, done, total)
      },
    })
  } finally {
    progress.end()
  }
}
