import { parseArgs } from 'node:util'
import { parseSigningKey, parseTenantContext, signContext } from 'watertight/runtime'
import { machineLine, markdownTable, recordResult, today, withServer } from './bench-server.js'
import type { Figure } from './kernel/figure.js'
import { measureCalls } from './kernel/calls.js'
import { measureReads } from './kernel/reads.js'
import { withShops } from './throughput/databases.js'
import { idOf } from './throughput/shop.js'

/*
 * Where the time of a verified context goes, in the server alone: microseconds of one call among many
 * of a statement, and of a transaction that reads one row:
 *   npm run bench:kernel -- [--calls 50000] [--reads 10000] [--rounds 9] [--json] [--out bench/results]
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '50000' },
    reads: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})

const rounds = Number(values.rounds)
const size = { tenants: 10, itemsPerTenant: 100 }

function tokenOf(signingKey: string): string {
  const expiresAt = Math.floor(Date.now() / 1_000) + 3_600
  const tenantId = idOf('tenant', 0)
  const context = parseTenantContext({ mode: 'member', tenantId, userId: tenantId, expiresAt })
  return signContext(context, parseSigningKey(signingKey))
}

function table(head: string, figures: readonly Figure[]): string {
  return markdownTable(
    [head, 'median µs', 'least', 'most'],
    figures.map(({ name, microseconds: { median, min, max } }) => [
      name,
      ...[median, min, max].map((value) => value.toFixed(1)),
    ]),
  )
}

await withServer((url) =>
  withShops(url, size, async (shops) => {
    const token = tokenOf(shops.signingKey)
    const calls = await measureCalls(shops, token, { calls: Number(values.calls), rounds })
    const reads = await measureReads(shops, token, {
      reads: Number(values.reads),
      rows: size.itemsPerTenant,
      rounds,
    })
    const machine = await machineLine(url)
    const text = `${table('one call of `watertight.tenant_id()`', calls)}

${table('one transaction that reads a row by its key, processor time of the backend', reads)}`
    console.log(values.json ? JSON.stringify({ machine, calls, reads }, null, 2) : text)
    if (values.out !== undefined) {
      const page = `# What verifying a context costs, ${today()}\n\n${machine}.\n\n${text}\n`
      await recordResult(values.out, 'kernel', page, { machine, calls, reads })
    }
  }),
)
