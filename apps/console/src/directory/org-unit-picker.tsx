import { keepPreviousData } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useQueries } from '../api/client.js'
import type { PickerProps } from '../forms/picker.js'
import type { Found } from '../forms/search-select.js'
import { SearchSelect } from '../forms/search-select.js'
import { useMay } from '../session/session.js'
import { pathOfOrgUnit, useOrgUnitPath } from './use-org-unit-path.js'

/** Org units that are shown at once. */
const mostShown = 20

function useFoundUnits(text: string): Found {
  const enabled = useMay('org_units.read')
  const search = text.trim()
  const { data, isFetching } = useQueries().useQuery(
    'get',
    '/api/v1/org-units',
    {
      params: {
        query: { sort: 'name', limit: mostShown, ...(search !== '' && { search }) },
      },
    },
    { enabled, staleTime: 30_000, placeholderData: keepPreviousData },
  )
  return {
    options: (data?.items ?? []).map((unit) => ({ value: unit.id, label: pathOfOrgUnit(unit) })),
    hasMore: typeof data?.next === 'string',
    isLoading: isFetching,
  }
}

/** Picks an org unit in use by a part of its name. */
export function OrgUnitPicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFoundUnits} useLabel={useOrgUnitPath} />
}
