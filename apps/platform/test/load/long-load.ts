import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { loadReport } from './load-report.js'
import type { LoadWorld } from './load-world.js'
import type { LoadResult } from './run-load.js'
import { runLoad } from './run-load.js'

/** A run of the length that `npm run load:api` asked for. */
interface LongLoad {
  perform(world: LoadWorld): Promise<LoadResult>
}

const environment = process.env

function setting(name: string): number {
  return Number(environment[`WATERTIGHT_API_LOAD_${name}`])
}

/** Null in the ordinary run of the tests. */
export const longLoad: LongLoad | null =
  environment['WATERTIGHT_API_LOAD_CLIENTS'] === undefined ? null : { perform }

async function perform(world: LoadWorld): Promise<LoadResult> {
  const result = await runLoad(world, {
    clients: setting('CLIENTS'),
    seconds: setting('SECONDS'),
    restarts: setting('RESTARTS'),
    seed: setting('SEED'),
    onProgress: (line) => process.stdout.write(`load: ${line}\n`),
  })
  const report = loadReport(result)
  process.stdout.write(`\n${report}\n`)
  const folder = environment['WATERTIGHT_API_LOAD_OUT']
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true })
    const date = new Date().toISOString().slice(0, 10)
    await appendFile(join(folder, `load-api-${date}.md`), `${report}\n`)
  }
  return result
}
