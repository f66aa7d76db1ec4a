import { expect, it } from 'vitest'
import { describeSlowest } from '../../scripts/slowest-files.mjs'

it('names the ten slowest files of a run, slowest first', () => {
  const durations = new Map(
    Array.from({ length: 12 }, (_, index) => [`file-${index}.test.ts`, index * 1000 + 40] as const),
  )
  const line = describeSlowest(durations)
  expect(line).toMatch(/^slowest of 12 files \(66\.5 s\): file-11\.test\.ts 11\.0, file-10/)
  expect(line).toMatch(/file-2\.test\.ts 2\.0$/)
  expect(line).not.toContain('file-1.test.ts')
})
