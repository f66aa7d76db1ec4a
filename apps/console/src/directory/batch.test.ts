import { expect, it } from 'vitest'
import { createBatch } from './batch.js'

const ids = Array.from({ length: 60 }, (_id, at) => `id-${String(at)}`)

it('asks once for what is wanted at the same time, at most 50 at once, and says what is not there', async () => {
  const asked: (readonly string[])[] = []
  const load = createBatch((wanted) => {
    asked.push(wanted)
    return Promise.resolve(
      new Map(wanted.filter((id) => id !== 'id-7').map((id) => [id, `the ${id}`])),
    )
  })
  const values = await Promise.all([...ids, 'id-3'].map(load))
  expect(asked.map((each) => each.length)).toEqual([50, 10])
  expect(values.slice(6, 8)).toEqual(['the id-6', null])
  expect(values.at(-1)).toBe('the id-3')
  expect(await load('id-1')).toBe('the id-1')
  expect(asked).toHaveLength(3)
})

it('tells everybody who waits when it did not work', async () => {
  const load = createBatch(() => Promise.reject(new Error('gone')))
  await expect(Promise.all([load('a'), load('b')])).rejects.toThrow('gone')
})
