import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startResidentCli } from '../test/leakbench/resident-cli.js'
import { startEmbeddedPostgres } from './embedded-postgres/index.js'

// LeakBench changes roles of the cluster and scores through psql: it gets a server of its own.
const folder = fileURLToPath(new URL('../../../../shared/leakbench/', import.meta.url))
const run = promisify(execFile)
const psqlVersion = await run('psql', ['--version']).catch(() => undefined)
const lacks = !existsSync(folder)
  ? `no LeakBench at ${folder}`
  : psqlVersion === undefined
    ? 'LeakBench needs psql, which is not installed'
    : undefined
if (lacks !== undefined) process.stdout.write(`skipped: ${lacks}\n`)

/** All four in CI; elsewhere the one of memberships and views, or those asked for. */
const asked = process.env['WATERTIGHT_LEAKBENCH'] ?? (process.env['CI'] ? '' : 'crew')
const bases = asked === '' ? [] : ['--base', asked]

interface Score {
  readonly leaks: number
  readonly found: number
  readonly falseProven: number
  readonly benignFP: number
  readonly cleanErrorFindings: number
  readonly toolErrors: number
}

interface Result {
  readonly base: string
  readonly slug: string
  readonly kind: 'leak' | 'benign'
  readonly found?: boolean
  readonly falseProven?: boolean
  readonly fp?: readonly string[]
  readonly toolError?: string
}

interface Scored {
  readonly summary: Score
  readonly clean: readonly { readonly base: string; readonly errors: readonly unknown[] }[]
  readonly results: readonly Result[]
}

async function score(): Promise<Scored> {
  const server = await startEmbeddedPostgres({ major: 15, auth: 'trust', onProgress: () => {} })
  const scratch = mkdtempSync(join(tmpdir(), 'watertight-leakbench-'))
  const cli = await startResidentCli(scratch)
  try {
    const { port, username } = new URL(server.url)
    const out = join(scratch, 'score.json')
    await run(
      process.execPath,
      ['score.mjs', '--tool', 'adapters/watertight.mjs', '--jobs', '2', '--out', out, ...bases],
      {
        cwd: folder,
        maxBuffer: 1 << 26,
        env: {
          ...process.env,
          PGHOST: '127.0.0.1',
          PGPORT: port,
          PGUSER: username,
          WT: cli.command,
        },
      },
    )
    return JSON.parse(readFileSync(out, 'utf8')) as Scored
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    await cli.close()
    await server.stop()
  }
}

const name = ({ base, slug }: Result): string => `${base}--${slug}`

describe.skipIf(lacks !== undefined)('LeakBench', () => {
  it('finds the planted flaws, accuses no sound schema and proves nothing false', async () => {
    const { summary, results, clean } = await score()
    const { found, leaks } = summary
    const missed = results.filter((entry) => entry.kind === 'leak' && entry.found !== true)
    const rest = missed.length === 0 ? '' : `; not found: ${missed.map(name).join(', ')}`
    const which = clean.map(({ base }) => base).join(', ')
    process.stdout.write(`LeakBench, ${which}: ${found} of ${leaks} found${rest}\n`)
    expect(results.filter(({ toolError }) => toolError !== undefined)).toEqual([])
    expect(results.filter(({ falseProven }) => falseProven === true).map(name)).toEqual([])
    expect(results.filter(({ fp = [] }) => fp.length > 0).map(name)).toEqual([])
    expect(clean.filter(({ errors }) => errors.length > 0)).toEqual([])
    expect(found / leaks).toBeGreaterThanOrEqual(0.98)
  }, 900_000)
})
