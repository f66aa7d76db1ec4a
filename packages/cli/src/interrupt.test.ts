import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { catalogHash, readCatalog } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import { createTestDatabase } from '../../../test/database.js'
import type { TestDatabase } from '../../../test/database.js'
import { createProject, shopDeclaration, shopTables } from './testing/project.js'
import type { Project } from './testing/project.js'

const program = fileURLToPath(new URL('../bin/watertight.js', import.meta.url))

let database: TestDatabase
let project: Project

beforeEach(async () => {
  database = await createTestDatabase()
  await database.admin.query(shopTables)
  project = await createProject(shopDeclaration(database.rolePrefix))
})

afterEach(async () => {
  await project.remove()
  await database.drop()
})

const catalog = async (): Promise<string> =>
  catalogHash(await readCatalog(database.admin, { schemas: 'all' }))

interface Running {
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<{ exit: number | null; stdout: string; stderr: string }>
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: project.folder,
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return {
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => {
      child.on('close', (exit) => resolve({ exit, stdout, stderr }))
    }),
  }
}

/** Waits until a backend of the command line waits for a lock that this test holds. */
async function untilBlocked(): Promise<void> {
  for (;;) {
    const { rows } = await database.admin.query<{ blocked: boolean }>(
      `select exists (select from pg_stat_activity
         where datname = current_database() and application_name = 'watertight'
           and wait_event_type = 'Lock') as blocked`,
    )
    if (rows[0]?.blocked) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('Ctrl-C during apply', () => {
  it.each([
    { signal: 'SIGINT', lock: sql`row exclusive`, where: 'while a policy waits for a write' },
    { signal: 'SIGTERM', lock: sql`row exclusive`, where: 'while a policy waits for a write' },
    { signal: 'SIGINT', lock: sql`access exclusive`, where: 'while the catalog waits for DDL' },
  ] as const)(
    'as $signal $where ends the statement, leaves no half-applied plan and no lock',
    async ({ signal, lock }) => {
      const before = await catalog()
      const holder = await database.connect()
      await holder.query('begin')
      await holder.query(sql`lock table app.invoices in ${lock} mode`.text)
      const running = start('apply', '--lock-timeout', '60000')
      await untilBlocked()
      running.kill(signal)
      const { exit, stdout, stderr } = await running.ended
      expect(exit).toBe(130)
      expect(stdout).toBe('')
      expect(stderr).toContain('error[INTERRUPTED]: interrupted')
      expect(stderr).toMatch(/nothing (was )?changed/)
      const { rows } = await database.admin.query(
        `select from pg_stat_activity where datname = current_database()
           and application_name = 'watertight'`,
      )
      expect(rows).toEqual([])
      await holder.query('rollback')
      expect(await catalog()).toBe(before)
      const { rows: locks } = await database.admin.query(
        `select from pg_locks where locktype = 'advisory'
           and database = (select oid from pg_database where datname = current_database())`,
      )
      expect(locks).toEqual([])
      expect(await start('apply').ended).toMatchObject({ exit: 0 })
    },
  )

  it('is needed: without it a locked table ends apply by its timeout, all the same unchanged', async () => {
    const before = await catalog()
    const holder = await database.connect()
    await holder.query('begin')
    await holder.query('lock table app.invoices in row exclusive mode')
    const { exit, stderr } = await start('apply', '--lock-timeout', '200').ended
    await holder.query('rollback')
    expect(exit).toBe(4)
    expect(stderr).toContain('error[LOCK_NOT_AVAILABLE]')
    expect(await catalog()).toBe(before)
  })
})

describe('the program', () => {
  it('separates data from everything else, and ends with the exit code', async () => {
    const planned = await start('plan', '--format', 'json').ended
    expect(planned.exit).toBe(2)
    expect(JSON.parse(planned.stdout)).toMatchObject({ format: 'watertight.plan/1' })
    expect(planned.stderr).toBe('reading the catalog\n')
    const wrong = await start('plna').ended
    expect(wrong).toMatchObject({ exit: 64, stdout: '' })
    expect(wrong.stderr).not.toContain('\u001b[')
  })
})
