import { parseArgs } from 'node:util'
import {
  machineLine,
  markdownTable,
  parseSizes,
  recordResult,
  today,
  withServer,
} from './bench-server.js'
import { measureOrgTree } from './flatness/org-tree.js'
import type { OrgTree } from './flatness/org-tree.js'
import { measureTenants } from './flatness/tenants.js'
import type { TenantCost } from './flatness/tenants.js'
import { measureWhale } from './flatness/whale.js'
import type { WhaleCost } from './flatness/whale.js'

/*
 * Whether the cost of a statement depends on how many tenants there are, on how large another one
 * is, and on how many org units a tenant has:
 *   npm run bench:flatness -- [--tenants 10,1000,1000000] [--rows 20] [--whale 1000000]
 *     [--units 100,1000,10000] [--samples 3000] [--json] [--out bench/results]
 * The server of DATABASE_URL needs room: 1,000,000 tenants of 20 rows are about 4 GB.
 */
interface Flatness {
  readonly machine: string
  readonly tenants: readonly TenantCost[]
  readonly whale: WhaleCost
  readonly units: readonly OrgTree[]
}

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '10,1000,100000' },
    rows: { type: 'string', default: '20' },
    whale: { type: 'string', default: '1000000' },
    units: { type: 'string', default: '100,1000,10000' },
    samples: { type: 'string', default: '3000' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

await withServer(
  async (url) => {
    const samples = Number(values.samples)
    const say = (line: string): void => console.error(line)
    const rowsPerTenant = Number(values.rows)
    const tenants: TenantCost[] = []
    for (const count of parseSizes(values.tenants)) {
      say(`${count} tenants`)
      tenants.push(await measureTenants(url, { tenants: count, rowsPerTenant, samples }))
    }
    say(`a whale of ${values.whale} rows`)
    const whale = await measureWhale(url, { rows: Number(values.whale), samples })
    const units: OrgTree[] = []
    for (const count of parseSizes(values.units)) {
      say(`${count} org units`)
      units.push(await measureOrgTree(url, { units: count, samples: Math.min(samples, 300) }))
    }
    const result: Flatness = { machine: await machineLine(url), tenants, whale, units }
    console.log(values.json ? JSON.stringify(result, null, 2) : print(result))
    if (values.out !== undefined) {
      const text = `# Flatness, ${today()}\n\n${print(result)}\n`
      await recordResult(values.out, 'flatness', text, result)
    }
  },
  { shared_buffers: '2GB', maintenance_work_mem: '1GB', max_wal_size: '8GB' },
)

function print({ machine, tenants, whale, units }: Flatness): string {
  const [first] = tenants
  const times = (value: number, base: number | undefined): string =>
    base === undefined ? '-' : `${(value / base).toFixed(2)} x`
  return [
    `${machine}.`,
    '',
    '## Tenants: microseconds of one flight, median',
    '',
    markdownTable(
      ['tenants', 'rows', 'point read', 'of the first', 'list of ten', 'of the first'],
      tenants.map((cost) => [
        cost.tenants,
        cost.rows,
        cost.pointReadUs.toFixed(0),
        times(cost.pointReadUs, first?.pointReadUs),
        cost.listUs.toFixed(0),
        times(cost.listUs, first?.listUs),
      ]),
    ),
    '',
    'Wanted: within 1.3 x.',
    '',
    `## A small tenant beside one of ${whale.whaleRows} rows, prepared statements, microseconds`,
    '',
    markdownTable(
      ['', 'median', 'p99'],
      [
        ['after the large tenant on the same connection', whale.beside.median, whale.beside.p99],
        ['with a fresh plan', whale.fresh.median, whale.fresh.p99],
        ['ratio', '', `${(whale.beside.p99 / whale.fresh.p99).toFixed(2)} x`],
      ],
    ),
    '',
    'Wanted: p99 at most 2 x.',
    '',
    '## Org units of one tenant, depth 12: milliseconds of a list of ten, median',
    '',
    markdownTable(
      ['units', 'depth', 'subtree of all', 'subtree of one leaf', 'whole tenant', 'without units'],
      units.map((tree) => [
        tree.units,
        tree.depth,
        tree.rootMs.toFixed(2),
        tree.leafMs.toFixed(2),
        tree.allMs.toFixed(2),
        tree.withoutMs.toFixed(2),
      ]),
    ),
  ].join('\n')
}
