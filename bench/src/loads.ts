import { parseArgs } from 'node:util'
import { machineLine, recordResult, today, withServer } from './bench-server.js'
import { measureLoads } from './loads/measure-loads.js'
import { printLoads } from './loads/print-loads.js'
import { withShops } from './throughput/databases.js'
import { ForkedVariant } from './throughput/forked-variant.js'

/*
 * The mixed loads of the full benchmark by themselves: a large tenant among small ones, and many
 * callers through PgBouncer:
 *   npm run bench:loads -- [--whale 1000000] [--minnows 1000] [--callers 500] [--rounds 7]
 *     [--json] [--out bench/results]
 */
const { values } = parseArgs({
  options: {
    whale: { type: 'string', default: '1000000' },
    minnows: { type: 'string', default: '1000' },
    callers: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

const size = { tenants: 1000, itemsPerTenant: 100 }

await withServer(
  async (url) => {
    const machine = await machineLine(url)
    const loads = await withShops(url, size, (shops) =>
      measureLoads(url, shops, {
        size,
        timing: {
          rounds: Number(values.rounds),
          sampleMs: 2000,
          warmUpMs: 4000,
        },
        whaleRows: Number(values.whale),
        minnows: Number(values.minnows),
        callers: Number(values.callers),
        openVariant: (start) => ForkedVariant.open(start),
        onProgress: (line) => console.error(line),
      }),
    )
    const printed = [`${machine}.`, ...printLoads(loads)].join('\n')
    console.log(values.json ? JSON.stringify({ machine, ...loads }, null, 2) : printed)
    if (values.out !== undefined) {
      const text = `# Mixed loads, ${today()}\n\n${printed}\n`
      await recordResult(values.out, 'loads', text, { machine, ...loads })
    }
  },
  { max_connections: '400', shared_buffers: '256MB' },
)
