import { keepPreviousData } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { PickerProps } from '../../forms/picker.js'
import type { Found } from '../../forms/search-select.js'
import { SearchSelect } from '../../forms/search-select.js'
import { useMay } from '../../session/session.js'

/** Destinations that are shown at once. */
const mostShown = 20

function useFound(text: string): Found {
  const enabled = useMay('integrations.read')
  const search = text.trim()
  const { data, isFetching } = useQueries().useQuery(
    'get',
    '/api/v1/integrations/destinations',
    { params: { query: { sort: 'name', limit: mostShown, ...(search !== '' && { search }) } } },
    { enabled, staleTime: 30_000, placeholderData: keepPreviousData },
  )
  return {
    options: (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
    hasMore: typeof data?.next === 'string',
    isLoading: isFetching,
  }
}

/** What a destination is called, by id; the end of the id for who may not see it. */
function useDestinationName(id: string | null): string | undefined {
  const enabled = useMay('integrations.read') && id !== null
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/integrations/destinations/{destinationId}',
    { params: { path: { destinationId: id ?? '' } } },
    { enabled, staleTime: 300_000 },
  )
  return id === null ? undefined : (data?.name ?? id.slice(-8))
}

/** Picks a destination by a part of its name. */
export function DestinationPicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFound} useLabel={useDestinationName} />
}
