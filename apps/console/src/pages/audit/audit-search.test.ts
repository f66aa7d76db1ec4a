import { describe, expect, it } from 'vitest'
import { actorsNamed, parseAuditSearch } from './audit-search.js'

const ada = '0197c0de-0000-7000-8000-000000000001'
const milan = '0197c0de-0000-7000-8000-000000000002'
const actors = [
  { id: ada, names: ['Ada Berger', 'ada@watertight.example', 'me'] },
  { id: milan, names: ['Milan Novak', 'milan@watertight.example'] },
]

describe('a typed search of the audit log', () => {
  it.each([
    ['', {}],
    ['camera gate', { search: 'camera gate' }],
    ['"north gate" camera', { search: 'north gate camera' }],
    ['actor:ada', { actorId: ada }],
    ['actor:"Milan Novak"', { actorId: milan }],
    ['actor:me', { actorId: ada }],
    [`actor:${milan}`, { actorId: milan }],
    ['action:asset.approve', { action: 'asset.approve' }],
    ['target:asset', { targetType: 'asset' }],
    [`target:${ada}`, { targetId: ada }],
    [`target:asset/${ada}`, { targetType: 'asset', targetId: ada }],
    ['Outcome:denied', { outcome: 'denied' }],
    [`correlation:${ada} x`, { correlationId: ada, search: 'x' }],
    ['after:2026-01-31T10:00Z', { from: '2026-01-31T10:00:00.000Z' }],
    ['before:2026-01-31', { to: new Date('2026-01-31T00:00').toISOString() }],
    ['https://x.example', { search: 'https://x.example' }],
  ])('reads %j', (text, query) => {
    expect(parseAuditSearch(text, actors)).toEqual({ query, problems: [] })
  })

  it.each([
    'actor:watertight',
    'actor:nobody',
    'action:Asset!',
    'target:asset/7',
    'outcome:maybe',
    'correlation:7',
    'after:yesterday',
  ])('says what it cannot understand of %j, and filters by the rest', (text) => {
    const { query, problems } = parseAuditSearch(`${text} gate`, actors)
    expect(problems).toHaveLength(1)
    expect(query).toEqual({ search: 'gate' })
  })
})

describe('the names that a search asks the server for', () => {
  it.each([
    ['', []],
    ['camera', []],
    [`actor:${ada}`, []],
    ['actor:""', []],
    ['actor:ada camera Actor:"Milan Novak"', ['ada', 'Milan Novak']],
  ])('of %j', (text, names) => {
    expect(actorsNamed(text)).toEqual(names)
  })
})
