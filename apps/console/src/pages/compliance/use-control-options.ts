import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'

type Options = readonly { readonly value: string; readonly label: string }[]

/** Controls of all frameworks as options of a choice, as many as a page of each holds. */
export function useControlOptions(): Options {
  const { fetch } = useApi()
  const { data } = useQuery({
    queryKey: ['control-options'],
    staleTime: 300_000,
    queryFn: async (): Promise<Options> => {
      const frameworks = await fetch.GET('/api/v1/frameworks', {
        params: { query: { limit: 100 } },
      })
      if (frameworks.data === undefined) throw new ProblemError(frameworks.error)
      const pages = await Promise.all(
        frameworks.data.items.map(async ({ id, code }) => {
          const controls = await fetch.GET('/api/v1/frameworks/{frameworkId}/controls', {
            params: { path: { frameworkId: id }, query: { limit: 100 } },
          })
          if (controls.data === undefined) throw new ProblemError(controls.error)
          return controls.data.items.map((control) => ({
            value: control.id,
            label: `${code} · ${control.code} ${control.title}`,
          }))
        }),
      )
      return pages.flat()
    },
  })
  return data ?? []
}
