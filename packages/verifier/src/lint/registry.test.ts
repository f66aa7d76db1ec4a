import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { attacks } from '../attack/registry.js'
import { objectAttacks } from '../attack/object-registry.js'
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
