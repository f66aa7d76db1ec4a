import { useQuery } from '@tanstack/react-query'
import type { Api } from '../api/client.js'
import { useApi } from '../api/client.js'
import { ProblemError } from '../api/problem.js'
import type { paths } from '../api/schema.js'
import type { ItemOf } from '../lists/use-list.js'
import { useMay, useSession } from '../session/session.js'
import { namesById } from './names-by-id.js'
import type { IdQuery } from './names-by-id.js'

type Member = ItemOf<'/api/v1/members'>
type Outsider =
  paths['/api/v1/outsiders']['get']['responses'][200]['content']['application/json']['items'][number]
type NamedMember = Pick<Member, 'userId' | 'displayName' | 'email'>

/** What a member is called: name, else address, else the end of the id. */
export function nameOfMember({ userId, displayName, email }: NamedMember): string {
  return displayName ?? email ?? shortId(userId)
}

/** The end of an id, enough to tell two apart. */
export function shortId(id: string): string {
  return id.slice(-8)
}

const nameMembers = namesById(async (api, query) => new Map(await readMembers(api, query)))

/** Members, and who was let in or acted here without being one, with what they are. */
const nameEverybody = namesById(async (api, query) => {
  const names = new Map(await readMembers(api, query))
  const ids = query.ids.split(',').filter((id) => !names.has(id))
  if (ids.length === 0) return names
  const others = await api.fetch.GET('/api/v1/outsiders', {
    params: { query: { ids: ids.join(',') } },
  })
  if (others.data === undefined) throw new ProblemError(others.error)
  for (const outsider of others.data.items) names.set(outsider.userId, nameOfOutsider(outsider))
  return names
})

/** Who asked for or decided on the end of tenants, for platform staff. */
const nameDeciders = namesById(async (api, { ids }) => {
  const { data, error } = await api.fetch.GET('/api/v1/platform/people', {
    params: { query: { ids } },
  })
  if (data === undefined) throw new ProblemError(error)
  return new Map(data.items.map(({ userId, displayName }) => [userId, displayName]))
})

/** The name and what they are; of staff who only decided what they are, and the end of the id. */
function nameOfOutsider({ userId, displayName, kind }: Outsider): string {
  if (displayName === null) return `Platform staff (${shortId(userId)})`
  return kind === 'other' ? displayName : `${displayName} (${outsiders[kind]})`
}

const outsiders = { auditor: 'auditor', platform: 'platform staff' } as const

async function readMembers(
  api: Api,
  query: IdQuery,
): Promise<readonly (readonly [string, string])[]> {
  const { data, error } = await api.fetch.GET('/api/v1/members', { params: { query } })
  if (data === undefined) throw new ProblemError(error)
  return data.items.map((member) => [member.userId, nameOfMember(member)] as const)
}

/** The name of somebody by id; whom the caller does not see keeps the end of the id. */
export function useMemberName(userId: string | null): string | undefined {
  const api = useApi()
  const { session, place } = useSession()
  const { user } = session
  const isSelf = userId === user.id
  const isStaff = place.kind === 'platform'
  const maySee = useMay('members.read') || isStaff
  // Visitors by a grant see members alone.
  const nameVisitors = session.mode === 'member' ? nameEverybody : nameMembers
  const { data } = useQuery({
    queryKey: ['member-name', userId],
    queryFn: () => (isStaff ? nameDeciders : nameVisitors)(api)(userId ?? ''),
    enabled: maySee && userId !== null && !isSelf,
    staleTime: 60_000,
  })
  if (userId === null) return undefined
  return isSelf ? `${user.displayName} (you)` : (data ?? shortId(userId))
}
