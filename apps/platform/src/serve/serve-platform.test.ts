import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { localKeys } from '../keys/key-setup.js'
import { renderSignIn } from './demo-sign-in.js'
import { readServerSetup } from './read-server-setup.js'
import type { ServedPlatform, ServeOptions } from './serve-platform.js'
import { servePlatform } from './serve-platform.js'

let database: PlatformDatabase
beforeAll(async () => {
  database = await createPlatformDatabase()
})
afterAll(() => database.drop())

function serve(change: Partial<ServeOptions> = {}): Promise<ServedPlatform> {
  return servePlatform({
    urls: roleUrls(database),
    signingKey: database.signingKey,
    keys: { providers: [localKeys(randomBytes(32).toString('base64url'))] },
    setup: readServerSetup({ PORT: '0', DEMO_PASSWORD: 'correct horse' }),
    workers: true,
    poolSize: 2,
    ...change,
  })
}

describe('the platform, served', () => {
  it('answers visitors, the printed token and the OpenID provider, and nobody after it has stopped', async () => {
    const served = await serve()
    const { publicUrl } = served
    const statusOf = async (path: string, token?: string): Promise<number> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return (await fetch(publicUrl + path, { headers })).status
    }
    const lines = (await renderSignIn(served)).join('\n')
    const token = /Bearer ([\w.-]+)/.exec(lines)?.[1] ?? ''
    expect(lines).toContain('correct horse')
    expect(await statusOf('/api/v1/assets', token)).toBe(200)
    expect(await statusOf('/api/v1/assets')).toBe(401)
    expect(await statusOf('/api/v1/public/events')).toBe(200)
    expect(await statusOf('/readyz')).toBe(200)
    const discovered = await fetch(`${publicUrl}/oidc/.well-known/openid-configuration`)
    expect(await discovered.json()).toMatchObject({ issuer: `${publicUrl}/oidc` })
    await served.stop()
    await expect(fetch(`${publicUrl}/healthz`)).rejects.toThrow()
    const roles = (['app', 'worker', 'auditor', 'platform', 'public'] as const).map((mode) =>
      database.role(mode),
    )
    // A pool has ended when it has said so to the server, which ends its sessions after that.
    const open = async (): Promise<number | null> => {
      const sessions = `select from pg_stat_activity where datname = current_database() and usename = any ($1)`
      return (await database.admin.query(sessions, [roles])).rowCount
    }
    await expect.poll(open).toBe(0)
  })

  it('finishes the request in hand before it closes', async () => {
    const served = await serve({ workers: false })
    const admin = database.admin
    await admin.query('begin')
    await admin.query('lock table sec.assets in access exclusive mode')
    const lines = (await renderSignIn(served)).join('\n')
    const token = /Bearer ([\w.-]+)/.exec(lines)?.[1] ?? ''
    const answer = fetch(`${served.publicUrl}/api/v1/assets`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const waits = `select from pg_locks where relation = 'sec.assets'::regclass and not granted`
    while ((await admin.query(waits)).rowCount === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const stopped = served.stop()
    await admin.query('rollback')
    expect((await answer).status).toBe(200)
    await stopped
  })

  it('leaves nothing open when a port cannot be had', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const setup = readServerSetup({ PORT: String(port) })
    await expect(serve({ setup })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await new Promise((resolve) => taken.close(resolve))
  })

  it('keeps exports where it is told, and by default in a folder that goes', async () => {
    const served = await serve()
    await served.stop()
    expect(existsSync(readServerSetup({}).exportFolder ?? '')).toBe(false)
  })
})

describe('the environment of the server', () => {
  it('is read with all its problems at once and none of its values', () => {
    const read = (): unknown =>
      readServerSetup({
        PORT: '70000',
        PUBLIC_URL: 'ftp://secret.example',
        OIDC_ISSUER: 'http://login.example',
        DEMO_PASSWORD: 'short',
        PLATFORM_SESSION_KEY: '{"d":"secret"}',
      })
    expect(read).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.not.stringMatching(/secret|70000|short"/),
        problems: [
          'PUBLIC_URL',
          'PORT',
          'OIDC_ISSUER',
          'OIDC_AUDIENCE',
          'DEMO_PASSWORD',
          'PLATFORM_SESSION_KEY',
        ].map((path) => expect.objectContaining({ path })),
      }),
    )
  })

  it('has a default for everything', () => {
    expect(readServerSetup({})).toMatchObject({ host: '127.0.0.1', port: null, publicUrl: null })
  })
})
