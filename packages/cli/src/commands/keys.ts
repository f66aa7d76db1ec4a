import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { Queryable } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { connectionTarget } from '../connection/connection-target.js'
import { withConnection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import { didYouMean } from '../flags/closest-word.js'
import { parseDuration } from '../flags/duration.js'
import type { CommandInput } from '../flags/flag-table.js'
import { connectionFlags, outputFlags } from '../flags/shared-flags.js'
import { writeJson } from '../report/json-output.js'
import type { Command } from './command.js'

const ownFlags = {
  after: {
    kind: 'text',
    value: 'TIME',
    summary: 'With retire: how long the key still verifies, for example 90s, 15m, 1h, 2d.',
  },
  kid: { kind: 'text', value: 'KID', summary: 'With add: the id of the key; random by default.' },
  out: {
    kind: 'text',
    value: 'FILE',
    summary: 'With add: write the key into this new file (mode 600) instead of printing it.',
  },
} as const

type Flags = typeof connectionFlags & typeof ownFlags & typeof outputFlags

const flags: Flags = { ...connectionFlags, ...ownFlags, ...outputFlags }

/** What {@link keys} accepts. */
export type KeysInput = CommandInput<Flags>

const actions = { add, list, retire, revoke } as const

/**
 * Adds, lists, retires or revokes the keys that contexts are signed with.
 *
 * @throws MODEL_MISMATCH when the isolation layer is not installed.
 */
export async function keys(input: KeysInput, env: CommandEnvironment): Promise<ExitCode> {
  const [name = '', kid] = input.operands ?? []
  if (!isAction(name)) {
    throw new WatertightError(
      'USAGE',
      `there is no keys ${name}${didYouMean(name, Object.keys(actions))}`,
      { hint: 'Write watertight keys add, list, retire KID or revoke KID.' },
    )
  }
  const needsKid = name === 'retire' || name === 'revoke'
  if (needsKid !== (kid !== undefined)) {
    throw new WatertightError(
      'USAGE',
      needsKid ? `keys ${name} needs the id of a key` : `keys ${name} takes no argument`,
      {
        hint: needsKid
          ? 'See `watertight keys list`.'
          : 'The database goes into --url or DATABASE_URL_MIGRATOR. See watertight keys --help.',
      },
    )
  }
  const retireAt = name === 'retire' ? retirement(input.after) : new Date()
  const target = connectionTarget({ flag: input.url }, env.variables)
  return withConnection<ExitCode>(target, env, async ({ db, address }) => {
    await requireKeyTable(db, address.database)
    await actions[name]({ db, kid: kid ?? '', retireAt, input, env })
    return 0
  })
}

/** The `keys` verb. */
export const command: Command<Flags> = {
  name: 'keys',
  summary: 'add, list, retire and revoke signing keys',
  examples: [
    {
      line: 'watertight keys add --out .env.signing-key',
      does: 'Makes a key; the database keeps what verifies it, the file what signs.',
    },
    {
      line: 'watertight keys retire k1 --after 1h',
      does: 'Lets contexts that were signed with an old key run out.',
    },
  ],
  operands: {
    usage: 'add | list | retire KID | revoke KID',
    summary: 'To rotate: add, deploy the new key, retire the old one.',
    least: 1,
    most: 2,
    words: () => Object.keys(actions),
  },
  flags,
  exits: '0 done, 1 denied, 64 usage or no such key, 69 server, 130 interrupted.',
  run: keys,
}

interface Action {
  readonly db: Queryable
  readonly kid: string
  readonly retireAt: Date
  readonly input: KeysInput
  readonly env: CommandEnvironment
}

async function add({ db, input, env }: Action): Promise<void> {
  const { addSigningKey } = await import('watertight/migrate')
  const { formatSigningKey, generateSigningKey } = await import('watertight/runtime')
  const key = generateSigningKey(input.kid)
  const line = `WATERTIGHT_SIGNING_KEY=${formatSigningKey(key)}`
  const path = input.out === undefined ? null : resolve(env.cwd, input.out)
  // The file first: a key that nobody has would only be in the way.
  if (path !== null) await writeFile(path, `${line}\n`, { flag: 'wx', mode: 0o600 })
  try {
    await addSigningKey(db, key)
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === '23505'
    if (!isTaken) throw error
    throw new WatertightError('INVALID_INPUT', `there is a key ${key.kid} already`, {
      object: key.kid,
      hint: 'Choose another --kid, or none for a random one.',
      cause: error,
    })
  }
  if (path !== null) {
    if (input.format === 'json') writeJson(env.out, { kid: key.kid, path })
    else env.out.lines(`added key ${key.kid}; wrote ${path}`)
    return
  }
  env.err.lines(`added key ${key.kid}; this is the only time that its secret is shown:`)
  if (input.format === 'json') {
    writeJson(env.out, { kid: key.kid, signingKey: formatSigningKey(key) })
  } else env.out.lines(line)
}

async function list({ db, input, env }: Action): Promise<void> {
  const { listSigningKeys } = await import('watertight/migrate')
  const found = await listSigningKeys(db)
  if (input.format === 'json') writeJson(env.out, { keys: found })
  else {
    for (const { kid, createdAt, notAfter } of found) {
      const until = notAfter === null ? 'in use' : `until ${notAfter.toISOString()}`
      env.out.lines(`${kid}  made ${createdAt.toISOString()}  ${until}`)
    }
    if (found.length === 0) env.err.lines('there are no signing keys; next: watertight keys add')
  }
}

async function retire({ db, kid, retireAt, input, env }: Action): Promise<void> {
  const { retireSigningKey } = await import('watertight/migrate')
  if (!(await retireSigningKey(db, kid, retireAt))) throw unknownKey(kid)
  if (input.format === 'json') writeJson(env.out, { kid, notAfter: retireAt })
  else env.out.lines(`key ${kid} verifies until ${retireAt.toISOString()}`)
}

async function revoke({ db, kid, input, env }: Action): Promise<void> {
  const { revokeSigningKey } = await import('watertight/migrate')
  if (!(await revokeSigningKey(db, kid))) throw unknownKey(kid)
  if (input.format === 'json') writeJson(env.out, { kid, revoked: true })
  else env.out.lines(`key ${kid} is revoked; contexts signed with it are refused from now on`)
}

function retirement(after: string | undefined): Date {
  if (after !== undefined) return new Date(Date.now() + parseDuration('--after', after))
  throw new WatertightError('USAGE', 'keys retire needs --after', {
    hint: 'Give contexts that are under way time to end: --after 1h',
  })
}

async function requireKeyTable(db: Queryable, database: string): Promise<void> {
  const { rows } = await db.query<{ table: string | null }>(
    "select to_regclass('watertight.signing_keys')::text as table",
  )
  if (rows[0]?.table != null) return
  throw new WatertightError('MODEL_MISMATCH', `${database} has no table watertight.signing_keys`, {
    object: 'watertight.signing_keys',
    hint: 'Install the isolation layer with signed contexts first: `watertight apply`.',
  })
}

function unknownKey(kid: string): WatertightError {
  return new WatertightError('INVALID_INPUT', `there is no key ${kid}`, {
    object: kid,
    hint: 'See `watertight keys list`.',
  })
}

function isAction(name: string): name is keyof typeof actions {
  return Object.hasOwn(actions, name)
}
