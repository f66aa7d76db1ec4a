import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverMajors } from '../../../test/database.js'
import { serverUrl } from '../../../test/run-environment.js'
import { rawRls } from '../adapters/raw-rls.js'
import { rawWhere } from '../adapters/raw-where.js'
import { adapterOf } from './adapters.js'
import { canary } from './canary.js'
import { compare } from './compare.js'
import type { Shops } from './databases.js'
import { withShops } from './databases.js'
import type { BenchReport } from './report-shape.js'
import { printReport } from './report.js'
import { Variant } from './variant.js'
import { workloads } from './workloads.js'

const size = { tenants: 3, itemsPerTenant: 12 }
const spread = {
  median: expect.any(Number) as number,
  min: expect.any(Number) as number,
  max: expect.any(Number) as number,
}

describe('the benchmark, with samples too short to mean anything', () => {
  let shops: Shops
  let report: BenchReport
  let done: () => void = () => undefined
  let closed: Promise<void> = Promise.resolve()

  beforeAll(async () => {
    const url = await serverUrl(serverMajors.at(-1) ?? 18)
    report = await new Promise<BenchReport>((resolve, reject) => {
      closed = withShops(url, size, async (opened) => {
        shops = opened
        resolve(
          await compare(opened, {
            quick: true,
            size,
            only: ['raw-rls', 'kysely'],
            asked: workloads.slice(0, 2),
            timing: { rounds: 2, sampleMs: 5, warmUpMs: 0, serverSeconds: 0 },
            openVariant: ({ adapter, target }) => Variant.open(adapterOf(adapter), target, size),
            onProgress: () => undefined,
          }),
        )
        await new Promise<void>((end) => (done = end))
      })
      closed.catch(reject)
    })
  })
  afterAll(async () => {
    done()
    await closed
  })

  it('counts the round trips of each driver exactly', () => {
    const expected = { oneShot: 1, interactive3: 4, readOnly3: 3, batch3: 1 }
    for (const [driver, trips] of Object.entries(report.roundTrips)) {
      expect({ [driver]: trips }).toEqual({ [driver]: expected })
    }
    expect(Object.keys(report.roundTrips)).toEqual(['pg', 'postgres'])
  })

  it('prints one object of the documented shape', () => {
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      machine: { cpu: expect.any(String) as string, cores: expect.any(Number) as number },
      server: { version: expect.stringMatching(/^\d+\.\d+/) as string },
      packages: { pg: expect.stringMatching(/^\d/) as string },
      ratios: {
        oneShotVsRaw: spread,
        signedVsPlain: spread,
        signedVsPlainList10: spread,
        serverSide: null,
        vsPeers: { 'raw-rls': spread, kysely: spread },
      },
      orms: { kysely: spread },
      variants: { watertight: { status: 'valid', reason: null } },
    })
    expect(printReport(report)).toContain('## Round trips')
  })

  it('takes no figure of a variant that shows rows of another tenant', async () => {
    const target = { url: shops.urls.unscoped, signingKey: shops.signingKey, poolSize: 2 }
    const honest = await rawWhere.open(target)
    expect(await canary(rawWhere, honest)).toEqual([])
    await honest.close()
    const subject = await rawRls.open(target)
    const failures = await canary(rawRls, subject)
    await subject.close()
    for (const probe of ['cross-tenant read', 'cross-tenant write', 'row hop', 'no context']) {
      expect(failures).toContainEqual(expect.stringContaining(probe))
    }
  })
})
