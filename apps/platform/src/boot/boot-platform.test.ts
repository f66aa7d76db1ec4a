import { readdir } from 'node:fs/promises'
import { exitCodeOf } from '@watertight/verifier'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listSigningKeys } from 'watertight/migrate'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { demo } from '../demo-data/index.js'
import { startEraser } from '../eraser/start-eraser.js'
import { localKeys } from '../keys/key-setup.js'
import { bootPlatform } from './boot-platform.js'
import type { BootedPlatform } from './boot-platform.js'
import { checkIsolation } from './check-isolation.js'
import { loginUrlOf } from './role-urls.js'

let server: TestDatabase

beforeAll(async () => {
  server = await createTestDatabase()
})

afterAll(async () => {
  await server.drop()
})

function boot(
  progress: string[] = [],
  change: { signingKey?: string; signal?: AbortSignal; url?: string } = {},
): Promise<BootedPlatform> {
  return bootPlatform({
    url: change.url ?? server.url,
    dataDir: null,
    database: `${server.rolePrefix}_platform`,
    rolePrefix: server.rolePrefix,
    signingKey: change.signingKey,
    keys: { providers: [localKeys(Buffer.alloc(32, 'boot').toString('base64url'))] },
    signal: change.signal ?? new AbortController().signal,
    onProgress: (line) => progress.push(line),
  })
}

describe('booting the platform on a server of yours', () => {
  test('builds everything once, and the check says that the isolation holds', async () => {
    const progress: string[] = []
    const platform = await boot(progress)
    try {
      const files = await readdir(new URL('../../migrations/', import.meta.url))
      const migrations = files.filter((name) => name.endsWith('.sql')).sort()
      expect(progress.filter((line) => line.startsWith('running'))).toEqual(
        migrations.map((name) => `running ${name}`),
      )
      const result = await checkIsolation(platform.admin, platform.model)
      expect(result.findings.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(result.coverage.filter(({ verdict }) => verdict === 'unknown')).toEqual([])
      expect(result.findings.filter(({ severity }) => severity === 'warning')).toEqual([])
      expect(result.accepted).toEqual([])
      expect(exitCodeOf(result, { allowUnknown: false })).toBe(0)
      expect(result.summary.proven).toBeGreaterThan(400)
    } finally {
      await platform.stop()
    }
  }, 600_000)

  test('finds everything in place the second time, and takes its own key back when it stops', async () => {
    const progress: string[] = []
    const platform = await boot(progress)
    const { kid } = platform.signingKey
    expect(progress).toEqual([
      'using the server of DATABASE_URL',
      'the tables are up to date',
      'applying the isolation layer',
      'the isolation layer is in place',
      'filling three demo tenants',
    ])
    expect((await listSigningKeys(platform.admin)).map((key) => key.kid)).toContain(kid)
    const url = platform.server.adminUrl
    await platform.stop()
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    const keys = await listSigningKeys(admin)
    await admin.end()
    expect(keys.map((key) => key.kid)).not.toContain(kid)
  })

  test('keeps a key of yours, and gives the roles passwords that the server can check', async () => {
    const signingKey = formatSigningKey(generateSigningKey('mine'))
    await (await boot([], { signingKey })).stop()
    const platform = await boot([], { signingKey })
    try {
      expect((await listSigningKeys(platform.admin)).map(({ kid }) => kid)).toEqual(['mine'])
      const { rows } = await platform.admin.query<{ verifier: string }>(
        'select rolpassword as verifier from pg_authid where rolname = any ($1)',
        [platform.logins.map(({ role }) => role)],
      )
      expect(rows).toHaveLength(6)
      for (const { verifier } of rows) {
        expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}$/)
      }
    } finally {
      await platform.stop()
    }
  })

  test('lets the eraser in, which erases what is due until it is stopped', async () => {
    const platform = await boot()
    const log: object[] = []
    const id = '00000000-0000-4000-8000-00000000e7a5'
    try {
      await platform.admin.query(
        `insert into core.tenants (id, slug, name, status, archived_at, archive_reason)
         values ($1, 'ended', 'Ended', 'archived', now(), 'ended')`,
        [id],
      )
      await platform.admin.query(
        `insert into core.erasures (id, subject_id, subject_name, subject_slug, reason, export_taken,
           requested_by, status, decided_by, decided_at, approved_by, approved_at, due_at)
         select $1, $1, 'Ended', 'ended', 'ended', true, $2, 'approved', $3, now(), $3, now(), now()`,
        [id, demo.users.platformSupport, demo.users.platformLead],
      )
      const databaseUrl = loginUrlOf(platform, 'eraser')
      const eraser = startEraser({
        databaseUrl,
        storage: null,
        interval: 3600,
        log: (line) => log.push(line),
      })
      // It finishes the round that it is in.
      await eraser.stop()
      expect(log).toEqual([
        { event: 'started' },
        { event: 'erasure', erasureId: id, outcome: 'erased' },
        { event: 'stopped' },
      ])
      const left = await platform.admin.query('select from core.tenants where id = $1', [id])
      expect(left.rowCount).toBe(0)
    } finally {
      await platform.stop()
    }
  })

  test('refuses a migration that changed after it was applied', async () => {
    const platform = await boot()
    await platform.admin.query(
      "update public.platform_migrations set sha256 = '\\x00' where name = '0003_sec.sql'",
    )
    await platform.stop()
    await expect(boot()).rejects.toMatchObject({ code: 'STALE_PLAN', object: '0003_sec.sql' })
  })

  test('stops where it was interrupted', async () => {
    const signal = AbortSignal.abort(new Error('received SIGINT'))
    await expect(boot([], { signal })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  test('says so when the server is not there, or the login is no superuser', async () => {
    const nowhere = boot([], { url: 'postgres://postgres:secret@127.0.0.1:1/postgres' })
    await expect(nowhere).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await expect(nowhere).rejects.not.toThrow(/secret/)
    const role = `${server.rolePrefix}_somebody`
    await server.admin.query(sql`create role ${ident(role)} login`.text)
    const powerless = boot([], { url: server.urlFor(role) })
    await expect(powerless).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' })
  })
})
