import { parseArgs } from 'node:util'
import { withServer } from './bench-server.js'
import { measureLoads } from './loads/measure-loads.js'
import { withShops } from './throughput/databases.js'
import { compare } from './throughput/compare.js'
import { ForkedVariant } from './throughput/forked-variant.js'
import { printReport } from './throughput/report.js'
import { recordReport } from './throughput/record-report.js'
import type { VariantStart } from './throughput/variant-start.js'
import { workloadOf, workloads } from './throughput/workloads.js'

/*
 * Round trips and throughput of watertight beside its peers:
 *   npm run bench -- [--quick] [--json] [--out bench/results] [--only drizzle,prisma]
 *     [--workloads 'primary-key read,list of ten']
 * Uses the server of DATABASE_URL, or starts one; makes and drops databases and roles of its own.
 * With --json, stdout is one object; what is going on is told on stderr.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    only: { type: 'string' },
    workloads: { type: 'string' },
  },
})

const size = values.quick
  ? { tenants: 100, itemsPerTenant: 100 }
  : { tenants: 1000, itemsPerTenant: 100 }

// Warming up takes seconds: until then the compiler of JavaScript is what is measured.
const quickTiming = { rounds: 5, sampleMs: 300, warmUpMs: 2500, serverSeconds: 1 }
const fullTiming = { rounds: 7, sampleMs: 2000, warmUpMs: 4000, serverSeconds: 5 }

/** A quick run measures what the ratios need. */
const asked =
  values.workloads?.split(',').map(workloadOf) ?? (values.quick ? workloads.slice(0, 2) : workloads)

const report = await withServer(
  (url) =>
    withShops(url, size, async (shops) => {
      const options = {
        size,
        timing: values.quick ? quickTiming : fullTiming,
        openVariant: (start: VariantStart) => ForkedVariant.open(start),
        onProgress: (line: string) => console.error(line),
      }
      const only = values.only?.split(',') ?? null
      const compared = await compare(shops, { ...options, quick: values.quick, only, asked })
      const isWhole = !values.quick && values.workloads === undefined
      const loads = isWhole ? await measureLoads(url, shops, options) : null
      return { ...compared, loads }
    }),
  { max_connections: '400', shared_buffers: '256MB' },
)
console.log(values.json ? JSON.stringify(report, null, 2) : printReport(report))
if (values.out !== undefined) await recordReport(values.out, report)
