import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverMajors } from '../../../../test/database.js'
import { serverUrl } from '../../../../test/run-environment.js'
import type { GuardTest } from './guard.js'
import { withoutGuard } from './guard.js'
import { guards } from './guards/index.js'
import type { GuardOutcome } from './report.js'
import { recordOutcomes } from './report.js'
import type { TestEnd } from './run-tests.js'
import { runTests } from './run-tests.js'
import { pathOf, sourceOf } from './sources.js'
import { titlePatterns } from './test-titles.js'

/*
 * For each guard: the tests that are there for it fail once it is removed. The ordinary run checks
 * that the table fits the sources; `npm run test:guards` removes one guard after the other.
 */
const named = guards.map((guard) => [guard.name, guard] as const)

describe('the table of guards', () => {
  it.each(named)('fits the sources: %s', async (_name, guard) => {
    const source = await sourceOf(guard.file)
    expect(withoutGuard(source, guard)).not.toBe(source)
    expect(guard.noticedBy).not.toEqual([])
    for (const { file, name } of guard.noticedBy) {
      // Objects of `it.each` are printed in quotes.
      const bare = name.replaceAll("'", '')
      const titles = await titlePatterns(file)
      const known = titles.some((title) => title.test(name) || title.test(bare))
      expect(known, `${file} has no test "${name}"`).toBe(true)
    }
  })

  it('names each guard once', () => {
    expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length)
  })
})

const wanted = process.env['WATERTIGHT_GUARDS'] === undefined ? [] : ['a guard']
const minutes = 60_000

describe.each(wanted)('without %s', () => {
  const tests = guards.flatMap(({ noticedBy }) => noticedBy)
  const outcomes: GuardOutcome[] = []
  let url: string
  let whole: ReadonlyMap<string, TestEnd>

  beforeAll(async () => {
    url = await serverUrl(serverMajors.at(-1) ?? 18)
    const ends = await runTests(tests, { mutant: null, serverUrl: url })
    whole = new Map([...ends].map(([test, end]) => [keyOf(test), end]))
  }, 10 * minutes)
  afterAll(() => recordOutcomes(outcomes))

  it.each(named)(
    'its tests fail: %s',
    async (_name, guard) => {
      const before = guard.noticedBy.map((test) => whole.get(keyOf(test))?.status)
      expect(before).toEqual(guard.noticedBy.map(() => 'passed'))
      const source = withoutGuard(await sourceOf(guard.file), guard)
      const mutant = { file: pathOf(guard.file), source }
      const ends = await runTests(guard.noticedBy, { mutant, serverUrl: url })
      outcomes.push({ guard, ends })
      expect([...ends.values()].map(({ status }) => status)).toEqual(
        guard.noticedBy.map(() => 'failed'),
      )
    },
    5 * minutes,
  )
})

function keyOf({ file, name }: GuardTest): string {
  return `${file} ${name}`
}
