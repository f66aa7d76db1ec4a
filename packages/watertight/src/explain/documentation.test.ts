import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { hints } from './hints.js'
import { denialReasons } from './index.js'

const page = new URL('../../../../docs/explain.md', import.meta.url)

it('lists in docs/explain.md the same reasons with the same sentences, in the same order', async () => {
  const [, table = ''] = (await readFile(page, 'utf8')).split('## Reasons')
  const rows = table
    .split('\n')
    .map((line) => /^\| `([a-z-]+)` *\| (.*?) *\|$/.exec(line))
    .filter((row) => row !== null)
  expect(rows.map(([, reason, meaning]) => [reason, meaning])).toEqual(
    Object.entries(denialReasons),
  )
})

it('has a hint for every reason but the one that needs none', () => {
  const without = Object.entries(hints).filter(([, hint]) => hint === null)
  expect(without.map(([reason]) => reason)).toEqual(['allowed'])
})
