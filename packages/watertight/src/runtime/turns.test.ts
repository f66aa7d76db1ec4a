import { setImmediate as soon } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Turns } from './turns.js'

it('starts a task at once when none is before it', () => {
  const started: number[] = []
  const turns = new Turns()
  void turns.take(() => Promise.resolve(started.push(1)))
  void turns.take(() => Promise.resolve(started.push(2)))
  expect(started).toEqual([1])
})

it('never runs two tasks together, and runs them in the order they were asked for', async () => {
  const task = fc.record({ waits: fc.nat(3), fails: fc.boolean(), asksAgain: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(task, { minLength: 1, maxLength: 12 }), async (tasks) => {
      const turns = new Turns()
      const asked: number[] = []
      const ran: number[] = []
      const ends: Promise<unknown>[] = []
      let running = 0
      let most = 0
      const ask = ({ waits, fails, asksAgain }: (typeof tasks)[number]): void => {
        const number = asked.push(asked.length) - 1
        const turn = turns.take(async () => {
          ran.push(number)
          running += 1
          most = Math.max(most, running)
          for (let i = 0; i < waits; i += 1) await soon()
          running -= 1
          if (fails) throw new Error('on purpose')
        })
        const again = (): void => {
          if (asksAgain) ask({ waits: 0, fails: false, asksAgain: false })
        }
        ends.push(turn.then(again, again))
      }
      for (const each of tasks) {
        ask(each)
        if (each.waits === 1) await Promise.resolve()
      }
      for (let i = 0; i < ends.length; i += 1) await ends[i]
      await soon()
      expect(ran).toEqual(asked)
      expect(most).toBe(1)
    }),
  )
})
