import type { ItemOf } from '../../lists/use-list.js'

/** An org unit as the API lists it. */
export type OrgUnit = ItemOf<'/api/v1/org-units'>

/** An org unit with what is below it. */
export interface OrgBranch {
  readonly unit: OrgUnit
  readonly below: readonly OrgBranch[]
}

/** Units as trees by name; a unit whose parent is not among them stands at the top. */
export function treesOf(units: readonly OrgUnit[]): readonly OrgBranch[] {
  const ids = new Set(units.map(({ id }) => id))
  const branchOf = (unit: OrgUnit): OrgBranch => ({
    unit,
    below: units
      .filter(({ parentId }) => parentId === unit.id)
      .toSorted(byName)
      .map(branchOf),
  })
  return units
    .filter(({ parentId }) => parentId === null || !ids.has(parentId))
    .toSorted(byName)
    .map(branchOf)
}

/** Ids of a unit and of all below it: where it cannot be moved to. */
export function idsBelow(units: readonly OrgUnit[], id: string): ReadonlySet<string> {
  const found = new Set([id])
  let before = 0
  while (found.size > before) {
    before = found.size
    for (const unit of units) {
      if (unit.parentId !== null && found.has(unit.parentId)) found.add(unit.id)
    }
  }
  return found
}

function byName(one: OrgUnit, other: OrgUnit): number {
  return one.name.localeCompare(other.name)
}
