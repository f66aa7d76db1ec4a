import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess } from './process-identity.js'
import { startEmbeddedPostgres } from './index.js'
import { findServiceUser } from './service-user.js'
import type { EmbeddedPostgres, EmbeddedPostgresOptions, PostgresMajor } from './index.js'

const running: EmbeddedPostgres[] = []
let scratch: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'watertight-test-'))
  await chmod(scratch, 0o755)
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  await rm(scratch, { recursive: true, force: true })
})

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options)
  running.push(server)
  return server
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

describe('an ephemeral server', () => {
  test.each<PostgresMajor>([15, 18])(
    'of version %i answers and is gone after stop',
    async (major) => {
      const lines: string[] = []
      const server = await start({ major, onProgress: (line) => lines.push(line) })
      const [version] = await query(server.url, 'select version()')
      expect(version).toMatch(new RegExp(`^PostgreSQL ${major}\\.`))
      expect(lines).toContain(`starting PostgreSQL ${major}`)

      await server.stop()
      await server.stop()
      expect(await identifyProcess(server.pid)).toBeUndefined()
      expect(existsSync(server.dataDir)).toBe(false)
    },
  )

  test('keeps no program alive, apart from one that waits for its end', async () => {
    const holding = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length
    const before = holding()
    const server = await start({})
    expect(holding()).toBe(before)
    const stopped = server.stop()
    expect(holding()).toBe(before + 1)
    await stopped
    expect(holding()).toBe(before)
  })

  test('never runs as root', async () => {
    const server = await start({})
    const { uid } = await stat(join(server.dataDir, 'postmaster.pid'))
    expect(uid).not.toBe(0)
    expect(uid).toBe((await findServiceUser())?.uid ?? process.getuid?.())
  })

  test('asks for the password, and listens on the loopback interface alone', async () => {
    const server = await start({ settings: { max_connections: '17' } })
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    const settings = `select current_setting('listen_addresses'), current_setting('max_connections')`
    expect(await query(server.url, settings)).toEqual(['127.0.0.1', '17'])
  })

  test('lets anyone in without a password when told to trust, which shows the check above bites', async () => {
    const server = await start({ auth: 'trust' })
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    expect(await query(wrong.href, 'select 1')).toEqual([1])
  })

  test('on a port that is taken fails with the port named', async () => {
    const holder = createServer()
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address()
        if (typeof address === 'object' && address !== null) resolve(address.port)
      })
    })
    try {
      await expect(start({ port })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        object: `127.0.0.1:${port}`,
      })
    } finally {
      holder.close()
    }
  })

  test('with a setting that the server rejects fails with the server’s own words', async () => {
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'EMBEDDED_POSTGRES_FAILED',
      message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
    })
    await expect(start({ settings: { 'no setting': '1' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      object: 'no setting',
    })
  })
})

describe('a persistent data directory', () => {
  test('keeps its data and its password over a restart', async () => {
    const dataDir = join(scratch, 'deep', 'data')
    const first = await start({ dataDir })
    await query(first.url, 'create table notes as select 7 as id')
    await first.stop()

    const second = await start({ dataDir })
    expect(await query(second.url, 'select id from notes')).toEqual([7])
    expect(new URL(second.url).password).toBe(new URL(first.url).password)
    expect(await query(second.url, `select current_setting('fsync')`)).toEqual(['on'])
  })

  test('that another server uses is left alone', async () => {
    const dataDir = join(scratch, 'data')
    const first = await start({ dataDir })
    await expect(start({ dataDir })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining(`on port ${first.port}`),
    })
    expect(await query(first.url, 'select 1')).toEqual([1])
  })

  test('of another major version is refused and stays as it is', async () => {
    const dataDir = join(scratch, 'data')
    await (await start({ dataDir, major: 17 })).stop()
    await expect(start({ dataDir, major: 18 })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining('made by PostgreSQL 17'),
    })
    await start({ dataDir, major: 17 })
  })

  test('with somebody’s files in it is refused and stays as it is', async () => {
    await writeFile(join(scratch, 'thesis.txt'), 'draft')
    await expect(start({ dataDir: scratch })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      object: scratch,
    })
    expect(existsSync(join(scratch, 'thesis.txt'))).toBe(true)
  })
})
