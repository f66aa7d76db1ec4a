import { useQueries } from '../api/client.js'
import type { Field } from '../forms/field.js'
import type { Filter } from '../lists/filter.js'
import { useMay } from '../session/session.js'
import { OrgUnitPicker } from './org-unit-picker.js'

/** Whether there is more than one org unit to choose from. */
function useHasOrgUnits(): boolean {
  const enabled = useMay('org_units.read')
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/org-units',
    { params: { query: { limit: 2 } } },
    { enabled, staleTime: 60_000 },
  )
  return data?.items.length === 2
}

/** A field for the org unit; none in tenants that have but one. */
export function useOrgUnitField(): readonly Field[] {
  const hasUnits = useHasOrgUnits()
  if (!hasUnits) return []
  return [
    {
      name: 'orgUnitId',
      label: 'Org unit',
      kind: 'pick',
      picker: OrgUnitPicker,
      help: 'Where it belongs; without a choice, where you work.',
    },
  ]
}

/** A filter for the org unit; none in tenants that have but one. */
export function useOrgUnitFilter(): readonly Filter[] {
  const hasUnits = useHasOrgUnits()
  return hasUnits
    ? [{ kind: 'pick', param: 'orgUnitId', label: 'Org unit', picker: OrgUnitPicker }]
    : []
}
