import { describe, expect, it } from 'vitest'
import type { OrgBranch, OrgUnit } from './org-tree.js'
import { idsBelow, treesOf } from './org-tree.js'

const unit = (id: string, parentId: string | null): OrgUnit => ({
  id,
  parentId,
  name: id,
  slug: id,
  isHiddenRoot: parentId === null,
  createdAt: '2026-01-01T00:00:00.000Z',
  archivedAt: null,
})

const units = [
  unit('south', 'root'),
  unit('gate', 'north'),
  unit('north', 'root'),
  unit('root', null),
  unit('desk', 'gate'),
]

const shape = ({ unit: { id }, below }: OrgBranch): unknown =>
  below.length === 0 ? id : { [id]: below.map(shape) }

describe('org units', () => {
  it('are shown as a tree by name', () => {
    expect(treesOf(units).map(shape)).toEqual([
      { root: [{ north: [{ gate: ['desk'] }] }, 'south'] },
    ])
  })

  it('stand at the top where the parent is not in sight', () => {
    expect(treesOf(units.filter(({ id }) => id !== 'root')).map(shape)).toEqual([
      { north: [{ gate: ['desk'] }] },
      'south',
    ])
  })

  it('cannot be moved below themselves', () => {
    expect([...idsBelow(units, 'north')].toSorted()).toEqual(['desk', 'gate', 'north'])
  })
})
