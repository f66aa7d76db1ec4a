import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCatalog } from 'watertight/catalog'
import {
  parseSizes,
  peakMegabytes,
  runChild,
  withClient,
  withDatabase,
  withServer,
} from './bench-server.js'
import { createLargeSchema } from './large-schema.js'

/*
 * Time and peak memory of readCatalog() on schemas of growing size:
 *   npm run bench:catalog -- [--tables 100,1000,4000]
 * Uses the server of DATABASE_URL, or starts one; makes and drops a database for each size. Every
 * size is read in a process of its own, because the peak of a process never goes down.
 */
const self = fileURLToPath(import.meta.url)
const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '100,1000,4000' },
    read: { type: 'string' },
  },
})
if (values.read !== undefined) await read(values.read)
else {
  await withServer(async (url) => {
    for (const tables of parseSizes(values.tables)) await measure(url, tables)
  })
}

async function measure(serverUrl: string, tables: number): Promise<void> {
  const database = `watertight_bench_${process.pid}_${tables}`
  await withDatabase(serverUrl, database, async (url) => {
    await withClient(url, (client) => createLargeSchema(client, { tables }))
    process.stdout.write(await runChild(self, ['--read', url]))
  })
}

/** Reads three times and prints the first (cold caches) and the fastest time. */
async function read(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const baseline = peakMegabytes()
    const times: number[] = []
    let tables = 0
    for (let run = 0; run < 3; run += 1) {
      const started = performance.now()
      tables = (await readCatalog(client, { schemas: ['large'] })).relations.length
      times.push(performance.now() - started)
      if (run === 0) console.log(`${tables} tables: first ${times[0]?.toFixed(0)} ms`)
    }
    console.log(
      `${tables} tables: fastest ${Math.min(...times).toFixed(0)} ms, ` +
        `peak ${peakMegabytes()} MB (${baseline} MB before reading)`,
    )
  })
}
