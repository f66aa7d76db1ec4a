import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { problemsIn } from '../../../../test/lint-code.js'
import { openedPools } from '../../../../test/pool-shapes/opened-pools.js'
import { silentShapes } from '../../../../test/pool-shapes/silent-shapes.js'
import { usedPools } from '../../../../test/pool-shapes/used-pools.js'

describe('no-direct-pool reports', () => {
  it.each([...openedPools, ...usedPools])('$name', ({ code, options, filename, problems }) => {
    expect(problemsIn(code, { options, filename })).toEqual(problems)
  })
})

describe('no-direct-pool is silent about', () => {
  it.each(silentShapes)('$name', ({ code, options, filename }) => {
    expect(problemsIn(code, { options, filename })).toEqual([])
  })
})

it('reports what the README says it reports, and nothing else of it', async () => {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')
  const [, reported = '', silent = ''] = readme.split(/^## (?:Reported|Not reported|Options)$/m)
  const blocks = (text: string): string[] =>
    [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  expect(blocks(reported).length).toBeGreaterThan(2)
  for (const code of blocks(reported))
    expect({ code, count: problemsIn(code).length }).toEqual({ code, count: 1 })
  expect(blocks(silent).length).toBeGreaterThan(1)
  for (const code of blocks(silent))
    expect({ code, found: problemsIn(code) }).toEqual({ code, found: [] })
})
