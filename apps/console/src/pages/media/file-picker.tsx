import { keepPreviousData } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { PickerProps } from '../../forms/picker.js'
import type { Found } from '../../forms/search-select.js'
import { SearchSelect } from '../../forms/search-select.js'
import { useMay } from '../../session/session.js'

/** Files that are shown at once. */
const mostShown = 20

function useFound(text: string): Found {
  const enabled = useMay('media.read')
  const search = text.trim()
  const { data, isFetching } = useQueries().useQuery(
    'get',
    '/api/v1/files',
    {
      params: {
        query: {
          state: 'ready',
          sort: 'originalName',
          limit: mostShown,
          ...(search !== '' && { search }),
        },
      },
    },
    { enabled, staleTime: 30_000, placeholderData: keepPreviousData },
  )
  return {
    options: (data?.items ?? []).map(({ id, originalName }) => ({
      value: id,
      label: originalName ?? id,
    })),
    hasMore: typeof data?.next === 'string',
    isLoading: isFetching,
  }
}

/** What a file is called, by id; the end of the id for who may not see it. */
function useFileName(id: string | null): string | undefined {
  const enabled = useMay('media.read') && id !== null
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/files/{fileId}',
    { params: { path: { fileId: id ?? '' } } },
    { enabled, staleTime: 300_000 },
  )
  return id === null ? undefined : (data?.originalName ?? id.slice(-8))
}

/** Picks a file by a part of its name. */
export function FilePicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFound} useLabel={useFileName} />
}
