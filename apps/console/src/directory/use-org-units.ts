import { useQueries } from '../api/client.js'
import type { Field } from '../forms/field.js'
import type { Filter } from '../lists/filter.js'
import type { ItemOf } from '../lists/use-list.js'
import { useMay } from '../session/session.js'

type OrgUnit = ItemOf<'/api/v1/org-units'>
type Options = readonly { readonly value: string; readonly label: string }[]

/** Org units in scope that are in use. */
export function useOrgUnits(): readonly OrgUnit[] {
  const enabled = useMay('org_units.read')
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/org-units',
    { params: { query: { limit: 100 } } },
    { enabled, staleTime: 60_000 },
  )
  return data?.items ?? []
}

/** The names from the top of the tree down to a unit: `North site / Gate 2`. */
export function pathOfOrgUnit(units: readonly OrgUnit[], id: string): string | null {
  const unit = units.find((each) => each.id === id)
  if (unit === undefined) return null
  const above = unit.parentId === null ? null : pathOfOrgUnit(units, unit.parentId)
  const isBelowRoot = units.some((each) => each.id === unit.parentId && each.isHiddenRoot)
  return above === null || isBelowRoot ? unit.name : `${above} / ${unit.name}`
}

/** Org units as options of a choice, by their paths. */
export function useOrgUnitOptions(): Options {
  const units = useOrgUnits()
  return units
    .map(({ id, name }) => ({ value: id, label: pathOfOrgUnit(units, id) ?? name }))
    .toSorted((one, other) => one.label.localeCompare(other.label))
}

/** A field for the org unit; none in tenants that have but one. */
export function useOrgUnitField(): readonly Field[] {
  const options = useOrgUnitOptions()
  if (options.length < 2) return []
  return [
    {
      name: 'orgUnitId',
      label: 'Org unit',
      kind: 'choice',
      options,
      help: 'Where it belongs; without a choice, where you work.',
    },
  ]
}

/** A filter for the org unit; none in tenants that have but one. */
export function useOrgUnitFilter(): readonly Filter[] {
  const options = useOrgUnitOptions()
  return options.length < 2
    ? []
    : [{ kind: 'choice', param: 'orgUnitId', label: 'Org unit', options }]
}
