import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { backOffDelay } from './back-off.js'
import { startQueueLoop } from './queue-loop.js'
import type { QueueLoop, QueueLoopOptions } from './queue-loop.js'

const idle = { first: 2, factor: 2, most: 20 }

function start(options: Omit<QueueLoopOptions, 'queue'>): QueueLoop {
  return startQueueLoop({ queue: 'outbox', idle, ...options })
}

/** Tenants with so many items each; taking one is what work does. */
function backlog(items: Record<string, number>): {
  left: Map<string, number>
  tenants: (limit: number) => Promise<string[]>
} {
  const left = new Map(Object.entries(items))
  const open = (): string[] => [...left].flatMap(([tenant, count]) => (count > 0 ? [tenant] : []))
  return { left, tenants: (limit) => Promise.resolve(open().slice(0, limit)) }
}

describe('a queue loop', () => {
  it('gives everyone a turn before anyone has a second one', async () => {
    const { left, tenants } = backlog({ whale: 1000, minnow: 1, other: 2 })
    const turns: string[] = []
    const loop = start({
      tenants,
      slots: 1,
      work: async (tenant) => {
        await delay(1)
        turns.push(tenant)
        left.set(tenant, (left.get(tenant) ?? 0) - 1)
        return 1
      },
    })
    await expect.poll(() => turns.length, { interval: 2 }).toBeGreaterThan(8)
    await loop.stop()
    expect(turns.slice(0, 6)).toEqual(['whale', 'minnow', 'other', 'whale', 'other', 'whale'])
  })

  it('never gives one tenant two turns at once, and fills its slots with others', async () => {
    const { left, tenants } = backlog({ a: 30, b: 30, c: 30, d: 30 })
    const active = new Set<string>()
    let most = 0
    let twice = false
    const loop = start({
      tenants,
      slots: 3,
      work: async (tenant) => {
        twice ||= active.has(tenant)
        active.add(tenant)
        most = Math.max(most, active.size)
        await delay(1)
        active.delete(tenant)
        left.set(tenant, (left.get(tenant) ?? 0) - 1)
        return 1
      },
    })
    await expect.poll(async () => (await tenants(9)).length, { interval: 5 }).toBe(0)
    await loop.stop()
    expect({ most, twice }).toEqual({ most: 3, twice: false })
  })

  it('finishes the turn in hand when it is stopped, tells it so, and starts no other', async () => {
    const ended: string[] = []
    const loop = start({
      tenants: () => Promise.resolve(['a', 'b', 'c']),
      slots: 2,
      work: async (tenant, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await delay(5)
        ended.push(tenant)
        return 1
      },
    })
    await delay(5)
    await loop.stop()
    expect(ended.toSorted()).toEqual(['a', 'b'])
  })

  it('asks less often while there is nothing to do, and at once when it is woken', async () => {
    const waits: number[] = []
    let asked = 0
    const loop = start({
      tenants: () => {
        asked += 1
        return Promise.resolve([])
      },
      work: () => Promise.resolve(0),
      idle: { first: 4, factor: 4, most: 60_000 },
      observer: { onIdle: ({ delayMs }) => waits.push(delayMs) },
    })
    await expect.poll(() => waits.at(-1), { interval: 2 }).toBeGreaterThan(500)
    expect(waits).toEqual(waits.toSorted((left, right) => left - right))
    const before = asked
    loop.wake()
    await expect.poll(() => asked, { interval: 2 }).toBe(before + 1)
    await loop.stop()
  })

  it('lets failures of one tenant, of the look-up and of the observer hold up nobody else', async () => {
    const { left, tenants } = backlog({ broken: 1, fine: 3 })
    const failures: (string | null)[] = []
    let looks = 0
    const loop = start({
      tenants: (limit) => {
        looks += 1
        return looks === 1 ? Promise.reject(new Error('no database')) : tenants(limit)
      },
      slots: 1,
      work: (tenant) => {
        if (tenant === 'broken') return Promise.reject(new Error('no luck'))
        left.set(tenant, (left.get(tenant) ?? 0) - 1)
        return Promise.resolve(1)
      },
      observer: {
        onFailure: ({ tenantId }) => {
          failures.push(tenantId)
          throw new Error('the observer is broken, too')
        },
      },
    })
    await expect.poll(() => left.get('fine'), { interval: 2 }).toBe(0)
    await loop.stop()
    expect(failures).toEqual([null, 'broken'])
  })

  it('looks past tenants whose turns come to nothing', async () => {
    // More of them than a page holds, and all of them longer due than the one with work.
    const stuck = Array.from({ length: 150 }, (_, index) => `stuck-${String(index)}`)
    let isDone = false
    const loop = start({
      tenants: (limit) => Promise.resolve([...stuck, 'fine'].slice(0, limit)),
      work: (tenant) => {
        isDone ||= tenant === 'fine'
        return Promise.resolve(0)
      },
    })
    await expect.poll(() => isDone, { interval: 5 }).toBe(true)
    await loop.stop()
  })
})

describe('back-off', () => {
  it('grows to its bound, with chance in the upper half', () => {
    const backOff = { first: 100, factor: 4, most: 5000 }
    const low = [1, 2, 3, 4, 99].map((count) => backOffDelay(backOff, count, () => 0))
    const high = [1, 2, 3, 4, 99].map((count) => backOffDelay(backOff, count, () => 1))
    expect(low).toEqual([50, 200, 800, 2500, 2500])
    expect(high).toEqual([100, 400, 1600, 5000, 5000])
  })
})
