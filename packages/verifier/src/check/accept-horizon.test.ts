import { defineTenancy } from 'watertight/model'
import { expect, it } from 'vitest'
import { acceptProblems } from './accept-horizon.js'

it.each([
  ['180 days ahead', '2026-06-30', []],
  ['181 days ahead', '2026-07-01', ['accept[1].until']],
  ['in the past, where it has ended', '2025-12-31', []],
])('a finding accepted until %s', (_what, until, paths) => {
  const model = defineTenancy({
    schemas: ['public'],
    accept: [
      { key: 'a:b', reason: 'known', until: '2026-01-02' },
      { key: 'c:d', reason: 'known', until },
    ],
  })
  expect(acceptProblems(model, '2026-01-01').map(({ path }) => path)).toEqual(paths)
})
