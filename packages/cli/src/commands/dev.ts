import { join, resolve } from 'node:path'
import type { TenancyModel } from 'watertight/model'
import { ident, sql } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfigIfAny } from '../config/load-config.js'
import { withConnection } from '../connection/open-connection.js'
import type { Connection } from '../connection/open-connection.js'
import { ensureLocalDatabase, ensureLocalFolder, localUrl } from '../dev/local-database.js'
import type { EmbeddedPostgres, PostgresMajor } from '../embedded-postgres/index.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, outputFlags, scriptFlags } from '../flags/shared-flags.js'
import { readMigrations } from '../input/read-migrations.js'
import { refuseIfAborted } from '../input/refuse-if-aborted.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import type { Progress } from '../terminal/progress.js'
import { noOperands } from './command.js'
import type { Command } from './command.js'

const ownFlags = {
  migrations: {
    kind: 'text',
    value: 'DIR',
    summary: 'Folder of migrations; each file is loaded once.',
  },
  'data-dir': {
    kind: 'text',
    value: 'DIR',
    summary: 'Where the database lives; default .watertight/postgres.',
  },
  ephemeral: { kind: 'switch', summary: 'Keep nothing: a new database each time.' },
  port: { kind: 'number', value: 'PORT', summary: 'TCP port on 127.0.0.1; default a free one.' },
  once: { kind: 'switch', summary: 'Set everything up, say what it is, and end.' },
} as const

type Flags = typeof configFlags & typeof scriptFlags & typeof ownFlags & typeof outputFlags

const flags: Flags = { ...configFlags, ...ownFlags, ...scriptFlags, ...outputFlags }

/** What {@link dev} accepts. */
export type DevInput = CommandInput<Flags>

/**
 * Runs a local PostgreSQL with the migrations and the isolation layer on it until Ctrl-C. It listens
 * on 127.0.0.1 and trusts everybody there: not for real data.
 *
 * @returns 0 after Ctrl-C, and with `once` when everything is set up.
 * @throws EMBEDDED_POSTGRES_FAILED, also when the server ends by itself.
 */
export async function dev(input: DevInput, env: CommandEnvironment): Promise<ExitCode> {
  const config = await loadConfigIfAny(input, env)
  const scripts =
    input.migrations === undefined ? [] : await readMigrations(resolve(env.cwd, input.migrations))
  const dataDir =
    input.ephemeral === true ? null : resolve(env.cwd, input.dataDir ?? '.watertight/postgres')
  const folder = dataDir === null ? null : await ensureLocalFolder(dataDir)
  const progress = createProgress(env.err)
  refuseIfAborted(env.signal)
  const { startEmbeddedPostgres } = await import('../embedded-postgres/index.js')
  const { loadNewMigrations } = await import('../dev/load-new-migrations.js')
  const server = await startEmbeddedPostgres({
    auth: 'trust',
    ...(input.serverVersion !== undefined && {
      major: Number(input.serverVersion) as PostgresMajor,
    }),
    ...(dataDir !== null && { dataDir }),
    ...(input.port !== undefined && { port: input.port }),
    onProgress: (line) => progress.step(line),
  })
  try {
    await withConnection({ url: server.url, source: 'dev' }, env, ({ db }) =>
      ensureLocalDatabase(db),
    )
    const url = localUrl(server.url)
    const key = await withConnection({ url, source: 'dev' }, env, async (connection) => {
      const loaded = await loadNewMigrations(connection.client, scripts, {
        onMigration: (name, index, total) => progress.step(`loading ${name}`, index, total),
        onNote: (note) => env.err.lines(`note: ${printableLine(note)}`),
        refuseIfAborted: () => refuseIfAborted(env.signal),
      })
      if (scripts.length > 0) env.err.lines(`loaded ${count(loaded, 'new migration')}`)
      if (config === null) return null
      return isolate(connection, config.model, folder, progress, env)
    })
    progress.end()
    show(server.url, config?.model ?? null, key, input, env)
    if (input.once !== true) await untilAborted(env, server)
    return 0
  } finally {
    progress.end()
    await server.stop()
  }
}

/** The `dev` verb. */
export const command: Command<Flags> = {
  name: 'dev',
  summary: 'run a local PostgreSQL with your tables and the isolation layer',
  examples: [
    {
      line: 'watertight dev --migrations ./migrations',
      does: 'Keeps the database in .watertight/postgres; prints a URL per role; Ctrl-C ends it.',
    },
    {
      line: 'watertight dev --migrations ./migrations --ephemeral --once',
      does: 'Tries it all on a new database and ends: do migrations load, does the layer apply?',
    },
  ],
  operands: noOperands,
  flags,
  exits: '0 ended by Ctrl-C or set up, 64 usage or a migration that does not load, 69 server.',
  run: dev,
}

async function isolate(
  { db, cancel }: Connection,
  model: TenancyModel,
  folder: string | null,
  progress: Progress,
  env: CommandEnvironment,
): Promise<string | null> {
  const { applyPlan, hazardKinds, makePlan } = await import('watertight/migrate')
  const { localSigningKey } = await import('../dev/local-signing-key.js')
  const plan = await makePlan(db, model)
  if (plan.steps.length > 0) {
    await applyPlan(db, plan, {
      // It is a local database without anybody's data: every hazard is accepted.
      allow: hazardKinds,
      signal: env.signal,
      cancel,
      onStep: ({ summary }, index, total) => {
        if (env.err.isTerminal) progress.step(summary, index, total)
      },
    })
  }
  progress.end()
  env.err.lines(`applied ${count(plan.steps.length, 'step')} of the isolation layer`)
  for (const [, role] of runtimeRoles(model)) {
    await db.query(sql`alter role ${ident(role)} login`.text)
  }
  if (model.context.kind !== 'signed') return null
  return localSigningKey(db, folder === null ? null : join(folder, 'signing-key'))
}

function runtimeRoles({ roles }: TenancyModel): (readonly [string, string])[] {
  return (['app', 'worker', 'auditor', 'platform', 'public'] as const).flatMap((kind) => {
    const role = roles[kind]
    return role === null ? [] : [[kind, role] as const]
  })
}

function show(
  serverUrl: string,
  model: TenancyModel | null,
  key: string | null,
  input: DevInput,
  env: CommandEnvironment,
): void {
  const roles = model === null ? [] : runtimeRoles(model)
  const variables: Record<string, string> = { DATABASE_URL_MIGRATOR: localUrl(serverUrl) }
  for (const [kind, role] of roles) {
    const name = kind === 'app' ? 'DATABASE_URL' : `DATABASE_URL_${kind.toUpperCase()}`
    variables[name] = localUrl(serverUrl, role)
  }
  if (key !== null) variables['WATERTIGHT_SIGNING_KEY'] = key
  if (input.format === 'json') writeJson(env.out, { schema: 'watertight.dev/1', variables })
  else {
    for (const [name, value] of Object.entries(variables)) {
      env.out.lines(`export ${name}='${value.replaceAll("'", '%27')}'`)
    }
  }
  if (model === null) {
    env.err.lines('there is no watertight.config.*, so no isolation layer was applied')
    env.err.lines('next: watertight init "$DATABASE_URL_MIGRATOR"')
  }
  if (input.once !== true) env.err.lines('PostgreSQL is up; Ctrl-C ends it')
}

/** @throws EMBEDDED_POSTGRES_FAILED when the server ends before that. */
async function untilAborted(
  { signal }: CommandEnvironment,
  { ended }: EmbeddedPostgres,
): Promise<void> {
  if (signal.aborted) return
  // A timer keeps the process alive: listening for a signal does not.
  const alive = setInterval(() => undefined, 60_000)
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  const failure = await Promise.race([aborted, ended])
  clearInterval(alive)
  if (failure !== null) throw failure
}
