import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  machineLine,
  markdownTable,
  recordResult,
  runChild,
  today,
  withServer,
} from './bench-server.js'
import { memoryScenarios, withMemoryDatabase } from './memory/scenarios.js'
import type { MemoryFigures, MemoryStart } from './memory/scenarios.js'

/*
 * What a process holds after it has served many tenants and many statements, and while it streams:
 *   npm run bench:memory -- [--tenants 1000,1000000] [--statements 1000,100000] [--rows 1000000]
 *     [--json] [--out bench/results]
 * Each figure comes from a process of its own, started with --expose-gc.
 */
const self = fileURLToPath(import.meta.url)
const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '1000,1000000' },
    statements: { type: 'string', default: '1000,100000' },
    rows: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    scenario: { type: 'string' },
    start: { type: 'string', default: '{}' },
  },
})

if (values.scenario !== undefined) {
  const scenario = memoryScenarios.find(({ name }) => name === values.scenario)
  if (scenario === undefined) throw new RangeError(`there is no scenario ${values.scenario}`)
  const figures = await scenario.run(JSON.parse(values.start) as MemoryStart)
  process.stdout.write(JSON.stringify(figures))
} else {
  const sizes = {
    tenants: values.tenants.split(',').map(Number),
    statements: values.statements.split(',').map(Number),
    rows: values.rows.split(',').map(Number),
  }
  await withServer((url) =>
    withMemoryDatabase(url, Math.max(...sizes.rows), async (database) => {
      const results: MemoryFigures[] = []
      for (const { name, sizedBy } of memoryScenarios) {
        for (const count of sizes[sizedBy]) {
          console.error(`${name}: ${count}`)
          const start = JSON.stringify({ ...database, count })
          const output = await runChild(
            self,
            ['--scenario', name, '--start', start],
            ['--expose-gc'],
          )
          results.push(JSON.parse(output) as MemoryFigures)
        }
      }
      const machine = await machineLine(url)
      console.log(values.json ? JSON.stringify({ machine, results }, null, 2) : print(results))
      if (values.out !== undefined) {
        const text = `# Memory, ${today()}\n\n${machine}.\n\n${print(results)}\n`
        await recordResult(values.out, 'memory', text, { machine, results })
      }
    }),
  )
}

function print(results: readonly MemoryFigures[]): string {
  return [
    markdownTable(
      ['scenario', 'count', 'heap after MB', 'highest growth of the resident set MB', 'seconds'],
      results.map(({ name, count, heapMb, rssGrowthMb, seconds }) => [
        name,
        count,
        heapMb.toFixed(1),
        rssGrowthMb.toFixed(1),
        seconds.toFixed(0),
      ]),
    ),
    '',
    'Wanted: no more heap after many than after few; a stream below 100 MB.',
  ].join('\n')
}
