import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { attacks } from '../attack/registry.js'
import { objectAttacks } from '../attack/object-registry.js'
import { ruleTitles } from '../check/rule-titles.js'
import { properties } from '../prove/registry.js'
import { rules } from './registry.js'

const allAttacks = [...attacks, ...objectAttacks]

it.each([
  ['rule', rules.map((rule) => rule.id), new URL('rules/', import.meta.url)],
  ['attack', allAttacks.map((attack) => attack.id), new URL('../attack/attacks/', import.meta.url)],
])('holds every %s registered, documented and tested', (_kind, registered, folder) => {
  expect([...registered].sort()).toEqual(readdirSync(folder).sort())
  for (const id of registered) {
    const own = new URL(`${id}/`, folder)
    expect(readFileSync(new URL('README.md', own), 'utf8')).toContain(`# ${id}\n`)
    expect(existsSync(new URL('index.test.ts', own))).toBe(true)
  }
})

it('gives rules and attacks ids that no other one has', () => {
  const ids = [...rules, ...allAttacks].map((entry) => entry.id)
  expect(new Set(ids).size).toBe(ids.length)
})

it('explains in one sentence every rule and attack, and what findings about the run are called', () => {
  const source = readFileSync(new URL('../check/attack-findings.ts', import.meta.url), 'utf8')
  const aboutRun = [...source.matchAll(/rule: '([a-z-]+)'/g)].map(([, id]) => id ?? '')
  const ids = [...rules, ...allAttacks].map(({ id }) => id)
  expect([...ids, ...aboutRun].filter((id) => !ruleTitles.has(id))).toEqual([])
  expect([...ruleTitles.values()].filter((title) => !/^[A-Z].*[^.]\.$/.test(title))).toEqual([])
})

it('names in the table of channels nothing that there is not', () => {
  const table = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const named = [...table.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, id]) => id ?? '')
  const known = [...ruleTitles.keys(), ...properties.map(({ id }) => id)]
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter((id) => !known.includes(id))).toEqual([])
})
