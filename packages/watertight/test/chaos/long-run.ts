import { access, appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { driverNames } from './connections.js'
import type { ChaosOptions, ChaosResult, Progress } from './machine.js'
import { runChaos } from './machine.js'
import { reportOf } from './report.js'
import { openWorld } from './world.js'

/** A run of the length that `npm run chaos` asked for. */
interface LongRun {
  readonly seed: number
  perform(): Promise<ChaosResult>
}

const environment = process.env

function setting(name: string): number {
  return Number(environment[`WATERTIGHT_CHAOS_${name}`])
}

/** Null in the ordinary run of the tests. */
export const longRun: LongRun | null =
  environment['WATERTIGHT_CHAOS_OPERATIONS'] === undefined
    ? null
    : { seed: setting('SEED'), perform }

async function perform(): Promise<ChaosResult> {
  const options: ChaosOptions = {
    operations: setting('OPERATIONS'),
    seed: setting('SEED'),
    tenants: setting('TENANTS'),
    driver: driverNames.find((name) => name === environment['WATERTIGHT_CHAOS_DRIVER']) ?? 'pg',
    pgbouncer: environment['WATERTIGHT_CHAOS_PGBOUNCER'] !== undefined,
    connections: 64,
    callers: 96,
    faultEvery: setting('FAULT_EVERY'),
    heavyEvery: setting('HEAVY_EVERY'),
    onProgress: ({ done, seconds, violations }: Progress) => {
      const rate = Math.round(done / seconds)
      const left = Math.round((options.operations - done) / Math.max(rate, 1) / 60)
      process.stdout.write(
        `chaos: ${done} of ${options.operations} operations, ${rate}/s, ${violations} violations, about ${left} min left\n`,
      )
    },
  }
  const world = await openWorld(options.tenants)
  try {
    const result = await runChaos(world, options)
    const report = await reportOf(result, world)
    process.stdout.write(`\n${report}\n`)
    const folder = environment['WATERTIGHT_CHAOS_OUT']
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true })
      const date = new Date().toISOString().slice(0, 10)
      const file = join(folder, `chaos-${date}.md`)
      const isNew = await access(file).then(
        () => false,
        () => true,
      )
      const title = isNew ? `# Operations under injected failures, ${date}\n\n` : ''
      await appendFile(file, `${title}${report}\n`)
    }
    return result
  } finally {
    await world.close()
  }
}
