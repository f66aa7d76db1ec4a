import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { firstLine, installProgram } from '../../../../test/installed-program.js'
import type { InstalledProgram } from '../../../../test/installed-program.js'
import { startEmbeddedPostgres } from './index.js'
import type { EmbeddedPostgres } from './index.js'
import { identifyProcess } from './process-identity.js'
import { findServiceUser } from './service-user.js'
import { sweepAbandonedRuns } from './sweep.js'

type Held = Pick<EmbeddedPostgres, 'url' | 'pid' | 'dataDir'>

let program: InstalledProgram
let scratch: string
const children: ChildProcess[] = []

beforeAll(async () => {
  program = await installProgram('hold-server')
  scratch = await mkdtemp(join(tmpdir(), 'watertight-test-'))
  await chmod(scratch, 0o777)
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

afterAll(async () => {
  await program.remove()
  await rm(scratch, { recursive: true, force: true })
})

async function hold(
  options: object = {},
  as?: Parameters<InstalledProgram['run']>[1],
): Promise<{ owner: ChildProcess; held: Held }> {
  const owner = program.run([JSON.stringify(options)], as)
  children.push(owner)
  return { owner, held: JSON.parse(await firstLine(owner)) }
}

async function killHard(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function findWatchdog(dataDir: string): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,args='])
  const line = stdout
    .split('\n')
    .find((entry) => entry.includes('watertight-watchdog') && entry.includes(dataDir))
  return Number.parseInt(line ?? '', 10)
}

/** A process of the server's own user that has nothing to do with PostgreSQL. */
async function startBystander(): Promise<ChildProcess> {
  const bystander = spawn('sleep', ['600'], { stdio: 'ignore', ...(await findServiceUser()) })
  children.push(bystander)
  await once(bystander, 'spawn')
  return bystander
}

async function isGone(pid: number): Promise<boolean> {
  return (await identifyProcess(pid)) === undefined
}

test('an ordinary user runs a server as themselves', async () => {
  const user = await findServiceUser()
  const home = join(scratch, 'home')
  await mkdir(home, { mode: 0o777 })
  await chmod(home, 0o777)
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), WATERTIGHT_CACHE_DIR: '' }
  const { owner, held } = await hold({}, { ...user, env })

  const client = new pg.Client({ connectionString: held.url })
  await client.connect()
  const { rows } = await client.query('select version() as version')
  await client.end()
  expect(rows[0].version).toMatch(/^PostgreSQL 18\./)
  const { uid } = await stat(join(held.dataDir, 'postmaster.pid'))
  expect((await stat(join(home, 'cache', 'watertight'))).uid).toBe(uid)
  expect(uid).toBe(user?.uid ?? process.getuid?.())
  expect(uid).not.toBe(0)
  await killHard(owner)
  await expect.poll(() => isGone(held.pid), { timeout: 15_000 }).toBe(true)
})

test('a server whose owner is killed stops and leaves no files', async () => {
  const { owner, held } = await hold()
  await killHard(owner)
  await expect.poll(() => isGone(held.pid), { timeout: 15_000 }).toBe(true)
  await expect.poll(() => existsSync(dirname(held.dataDir)), { timeout: 15_000 }).toBe(false)
})

test('a server that lost its owner and its watchdog is cleared up by the next start', async () => {
  const { owner, held } = await hold()
  process.kill(await findWatchdog(held.dataDir), 'SIGKILL')
  await killHard(owner)
  expect(await isGone(held.pid)).toBe(false)

  const next = await startEmbeddedPostgres()
  expect(await isGone(held.pid)).toBe(true)
  expect(existsSync(dirname(held.dataDir))).toBe(false)
  await next.stop()
})

test('a server whose owner lives is not cleared up', async () => {
  const { held } = await hold()
  const next = await startEmbeddedPostgres()
  await next.stop()
  expect(await isGone(held.pid)).toBe(false)
})

test('a pid that was reused, of owner or server, harms no other process', async () => {
  const runs = await mkdtemp(join(scratch, 'runs-'))
  const run = join(runs, 'watertight-abcdef')
  const dataDir = join(run, 'data')
  const bystander = await startBystander()
  await mkdir(dataDir, { recursive: true })
  await writeFile(join(dataDir, 'postmaster.pid'), `${bystander.pid}\n${dataDir}\n0\n5432\n`)
  const owner = { pid: process.pid, startedAt: 'before this process', dataDir }
  await writeFile(join(run, 'owner.json'), JSON.stringify(owner))

  expect(await sweepAbandonedRuns(runs)).toBe(1)
  expect(existsSync(run)).toBe(false)
  expect(await isGone(bystander.pid ?? 0)).toBe(false)
})

test('a persistent cluster starts after a crash although its old pid belongs to another program', async () => {
  const dataDir = join(scratch, 'persistent')
  const crashed = await startEmbeddedPostgres({ dataDir })
  process.kill(crashed.pid, 'SIGKILL')
  await crashed.stop()
  const pidFile = join(dataDir, 'postmaster.pid')
  const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n')
  const bystander = await startBystander()
  await writeFile(pidFile, [bystander.pid, ...rest].join('\n'))

  const server = await startEmbeddedPostgres({ dataDir })
  expect(await isGone(server.pid)).toBe(false)
  await server.stop()
  expect(await isGone(bystander.pid ?? 0)).toBe(false)
})
