import { useQuery } from '@tanstack/react-query'
import { ProblemError } from '../../api/problem.js'
import { useApi } from '../../api/client.js'
import { useSession } from '../../session/session.js'
import { isolationPath } from './isolation-path.js'
import type { Cell } from './matrix-rows.js'

/** Cells of a page of the API: the most it gives. */
const pageSize = 2000

/** Every cell of a run that has finished, which never changes. */
export function useCells(runId: string | undefined): {
  readonly cells: readonly Cell[] | undefined
  readonly error: unknown
} {
  const { fetch } = useApi()
  const { place } = useSession()
  const path = isolationPath(place, '/api/v1/isolation/runs/{runId}/cells')
  const { data, error } = useQuery({
    queryKey: ['cells', path, runId],
    enabled: runId !== undefined,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const cells: Cell[] = []
      let after: string | undefined
      do {
        const query = { limit: pageSize, ...(after !== undefined && { after }) }
        const params = { path: { runId: runId ?? '' }, query }
        const reply = await fetch.GET(path, { params, signal })
        if (reply.data === undefined) throw new ProblemError(reply.error)
        cells.push(...reply.data.items)
        after = reply.data.next ?? undefined
      } while (after !== undefined)
      return cells
    },
  })
  return { cells: data, error }
}
