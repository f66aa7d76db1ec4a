import { expect, it } from 'vitest'
import { CopySource } from './copy-source.js'

it('lets other work of the process run while neither source nor sink wait', async () => {
  let turns = 0
  const seen: number[] = []
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 4; sent += 1) {
      setImmediate(() => (turns += 1))
      yield new Uint8Array(65_536)
      seen.push(turns)
    }
  }
  const source = new CopySource(chunks())
  await source.pump({ write: () => undefined, done: () => seen.push(-1), fail: () => undefined })
  expect(seen).toEqual([1, 2, 3, 4, -1])
})

it('reads no more of its source once it is stopped between two chunks', async () => {
  let drawn = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    while (drawn < 1000) {
      drawn += 1
      yield new Uint8Array(65_536)
    }
  }
  const source = new CopySource(chunks())
  setImmediate(() => source.stop())
  const ends: string[] = []
  await source.pump({
    write: () => undefined,
    done: () => ends.push('done'),
    fail: () => ends.push('fail'),
  })
  expect({ drawn, ends }).toEqual({ drawn: 1, ends: [] })
})
