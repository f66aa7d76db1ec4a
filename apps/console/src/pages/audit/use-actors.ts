import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'
import { useMay, useSession } from '../../session/session.js'
import type { SearchActor } from './audit-search.js'
import { actorsNamed } from './audit-search.js'

/** Members whom the names of a search can mean, found by the server; null while it looks. */
export function useActors(text: string): readonly SearchActor[] | null {
  const { fetch } = useApi()
  const { user } = useSession().session
  const names = actorsNamed(text).filter((name) => name.toLowerCase() !== 'me')
  const enabled = useMay('members.read') && names.length > 0
  const { data, isPending } = useQuery({
    queryKey: ['audit-actors', names],
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = await Promise.all(
        names.map(async (search) => {
          const params = { query: { search, limit: 100 } }
          const reply = await fetch.GET('/api/v1/members', { params, signal })
          if (reply.data === undefined) throw new ProblemError(reply.error)
          return reply.data.items
        }),
      )
      return new Map(found.flat().map((member) => [member.userId, member]))
    },
  })
  if (enabled && isPending) return null
  const found = Array.from(data?.values() ?? [], ({ userId, displayName, email }) => ({
    id: userId,
    names: [displayName, email].filter((name) => name !== null),
  }))
  return [{ id: user.id, names: ['me'] }, ...found]
}
