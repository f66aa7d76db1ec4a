import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { errorCodes } from './index.js'

const page = new URL('../../../../docs/errors.md', import.meta.url)

it('lists in docs/errors.md the same codes with the same sentences, in the same order', async () => {
  const rows = (await readFile(page, 'utf8'))
    .split('\n')
    .map((line) => /^\| `(\w+)` *\| (.*?) *\|$/.exec(line))
    .filter((row) => row !== null)
  expect(rows.map(([, code, when]) => [code, when])).toEqual(Object.entries(errorCodes))
})

it('says of every code in one sentence when it is thrown', () => {
  for (const [code, when] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
    expect(when).toMatch(/^[A-Z].*\.$/)
    expect(when).not.toMatch(/[|\n]/)
  }
})
