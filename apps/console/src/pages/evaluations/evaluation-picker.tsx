import { keepPreviousData } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { PickerProps } from '../../forms/picker.js'
import type { Found } from '../../forms/search-select.js'
import { SearchSelect } from '../../forms/search-select.js'
import { useMay } from '../../session/session.js'

/** Evaluations that are shown at once. */
const mostShown = 20

function useFound(text: string): Found {
  const enabled = useMay('evaluations.read')
  const search = text.trim()
  const { data, isFetching } = useQueries().useQuery(
    'get',
    '/api/v1/evaluations',
    { params: { query: { sort: 'title', limit: mostShown, ...(search !== '' && { search }) } } },
    { enabled, staleTime: 30_000, placeholderData: keepPreviousData },
  )
  return {
    options: (data?.items ?? []).map(({ id, title }) => ({ value: id, label: title })),
    hasMore: typeof data?.next === 'string',
    isLoading: isFetching,
  }
}

/** What an evaluation is called, by id; the end of the id for who may not see it. */
function useEvaluationTitle(id: string | null): string | undefined {
  const enabled = useMay('evaluations.read') && id !== null
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/evaluations/{evaluationId}',
    { params: { path: { evaluationId: id ?? '' } } },
    { enabled, staleTime: 300_000 },
  )
  return id === null ? undefined : (data?.title ?? id.slice(-8))
}

/** Picks an evaluation by a part of its title. */
export function EvaluationPicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFound} useLabel={useEvaluationTitle} />
}
