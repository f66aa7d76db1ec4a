import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlatformDatabase } from '../platform-database.js'
import { fuzzReport } from './fuzz-report.js'
import type { FuzzResult } from './run-fuzz.js'
import { runFuzz } from './run-fuzz.js'

/** A run of the length that `npm run fuzz:api` asked for. */
interface LongFuzz {
  perform(database: PlatformDatabase): Promise<FuzzResult>
}

const environment = process.env

/** Null in the ordinary run of the tests. */
export const longFuzz: LongFuzz | null =
  environment['WATERTIGHT_API_FUZZ_REQUESTS'] === undefined ? null : { perform }

async function perform(database: PlatformDatabase): Promise<FuzzResult> {
  const result = await runFuzz(database, {
    requests: Number(environment['WATERTIGHT_API_FUZZ_REQUESTS']),
    seed: Number(environment['WATERTIGHT_API_FUZZ_SEED']),
    parallel: Number(environment['WATERTIGHT_API_FUZZ_PARALLEL'] ?? 8),
    onProgress: (done, findings) => {
      if (done % 1000 > 0) return
      process.stdout.write(`fuzz: ${String(done)} requests, ${String(findings)} findings\n`)
    },
  })
  const report = fuzzReport(result)
  process.stdout.write(`\n${report}\n`)
  const folder = environment['WATERTIGHT_API_FUZZ_OUT']
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true })
    await appendFile(
      join(folder, `fuzz-api-${new Date().toISOString().slice(0, 10)}.md`),
      `${report}\n`,
    )
  }
  return result
}
