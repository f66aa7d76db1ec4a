import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'
import type { PickerProps } from '../../forms/picker.js'
import type { Found } from '../../forms/search-select.js'
import { SearchSelect } from '../../forms/search-select.js'

/** Controls of a framework that are shown at once. */
const mostShown = 20

/** Controls of every framework; there are a few frameworks, and many controls in each. */
function useFoundControls(text: string): Found {
  const { fetch } = useApi()
  const search = text.trim()
  const { data, isFetching } = useQuery({
    queryKey: ['controls-found', search],
    staleTime: 300_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const frameworks = await fetch.GET('/api/v1/frameworks', {
        params: { query: { limit: 100 } },
        signal,
      })
      if (frameworks.data === undefined) throw new ProblemError(frameworks.error)
      const query = { limit: mostShown, ...(search !== '' && { search }) }
      const pages = await Promise.all(
        frameworks.data.items.map(async ({ id, code }) => {
          const path = { frameworkId: id }
          const controls = await fetch.GET('/api/v1/frameworks/{frameworkId}/controls', {
            params: { path, query },
            signal,
          })
          if (controls.data === undefined) throw new ProblemError(controls.error)
          const { items, next } = controls.data
          const options = items.map((control) => ({
            value: control.id,
            label: `${code} · ${control.code} ${control.title}`,
          }))
          return { options, hasMore: next !== null }
        }),
      )
      return {
        options: pages.flatMap(({ options }) => options),
        hasMore: pages.some(({ hasMore }) => hasMore),
      }
    },
  })
  return { options: data?.options ?? [], hasMore: data?.hasMore === true, isLoading: isFetching }
}

function useControlTitle(controlId: string | null): string | undefined {
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/controls/{controlId}/status',
    { params: { path: { controlId: controlId ?? '' } } },
    { enabled: controlId !== null, staleTime: 300_000 },
  )
  if (controlId === null) return undefined
  return data === undefined ? controlId.slice(-8) : `${data.code} ${data.title}`
}

/** Picks a control of any framework by a part of its code or title. */
export function ControlPicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFoundControls} useLabel={useControlTitle} />
}
