import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { eraseInRounds } from './run-eraser.js'

it('leaves nothing behind at the signal that ends it, however many rounds failed', async () => {
  const told = new AbortController()
  const left: number[] = []
  const log = (line: object): void => {
    if (!('event' in line) || line.event !== 'failure') return
    left.push(getEventListeners(told.signal, 'abort').length)
    if (left.length === 5) told.abort()
  }
  // Port 1 is nobody's: every round fails at once.
  const databaseUrl = 'postgres://eraser@127.0.0.1:1/platform'
  await eraseInRounds({ databaseUrl, storage: null, interval: 0.001, log }, told.signal)
  expect(left).toEqual([0, 0, 0, 0, 0])
})
