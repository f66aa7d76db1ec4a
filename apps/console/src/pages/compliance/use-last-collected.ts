import { useQuery } from '@tanstack/react-query'
import { useList } from '../../lists/use-list.js'
import { useMay } from '../../session/session.js'

/** Pieces of evidence that are looked through at most. */
const mostEvidence = 1000

/** When evidence of a control was collected last, of what still holds; undefined until it is known. */
export function useLastCollected(): ((controlId: string) => string | null) | undefined {
  const enabled = useMay('evidence.read')
  const evidence = useList('/api/v1/evidence', {
    query: { superseded: 'false' },
    enabled: false,
  })
  const { data } = useQuery({
    queryKey: ['last-collected'],
    enabled,
    queryFn: async () => {
      const latest = new Map<string, string>()
      for (const { controlId, collectedAt } of await evidence.readAll(mostEvidence)) {
        if (controlId !== null && !latest.has(controlId)) latest.set(controlId, collectedAt)
      }
      return latest
    },
  })
  return data === undefined ? undefined : (controlId) => data.get(controlId) ?? null
}
