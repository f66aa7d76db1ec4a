import { expect, it } from 'vitest'
import { serverMajors } from '../../../test/database.js'
import { serverUrl } from '../../../test/run-environment.js'
import { classFigures } from './latency.js'
import { printLoads } from './print-loads.js'
import { measureWhaleMix } from './whale-mix.js'

it('a whale among minnows: figures of each class, and no row of another tenant', async () => {
  const url = await serverUrl(serverMajors.at(-1) ?? 18)
  const sizes = { whaleRows: 2000, minnows: 20 }
  // On a machine so slow that the time of a round is over before its first call.
  const timing = { rounds: 2, sampleMs: 0, warmUpMs: 0 }
  const whaleMix = await measureWhaleMix(url, { ...sizes, ...timing })
  expect(Object.keys(whaleMix.variants)).toHaveLength(4)
  for (const { status, whale, minnow } of Object.values(whaleMix.variants)) {
    expect(status).toBe('valid')
    for (const figures of [whale, minnow]) {
      expect(figures.perSecond.median).toBeGreaterThan(0)
      expect(figures.p99Us.median).toBeGreaterThanOrEqual(figures.p50Us.median)
    }
  }
  expect(() => classFigures([])).toThrow(RangeError)
  expect(() => classFigures([{ times: [], seconds: 1 }])).toThrow(RangeError)
  expect(printLoads({ whaleMix, pgBouncer: null }).join('\n')).not.toContain('NaN')
  expect(printLoads(null)).toEqual([])
})
