import { useCallback } from 'react'
import { useQueries } from '../api/client.js'
import type { ItemOf } from '../lists/use-list.js'
import { useMay, useSession } from '../session/session.js'

type Member = ItemOf<'/api/v1/members'>

/** Members for choices and names, as many as a page of the API holds. */
export function useMembers(): readonly Member[] {
  const enabled = useMay('members.read')
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/members',
    { params: { query: { limit: 100 } } },
    { enabled, staleTime: 60_000 },
  )
  return data?.items ?? []
}

/** What a member is called: name, else address, else the end of the id. */
export function nameOfMember({
  userId,
  displayName,
  email,
}: Pick<Member, 'userId' | 'displayName' | 'email'>): string {
  return displayName ?? email ?? shortId(userId)
}

/** The end of an id, enough to tell two apart. */
export function shortId(id: string): string {
  return id.slice(-8)
}

/** Finds names of people by id; who is not among the members that the caller sees keeps an id. */
export function useMemberNames(): (userId: string) => string {
  const members = useMembers()
  const { user } = useSession().session
  return useCallback(
    (userId) => {
      if (userId === user.id) return `${user.displayName} (you)`
      const member = members.find((each) => each.userId === userId)
      return member === undefined ? shortId(userId) : nameOfMember(member)
    },
    [members, user],
  )
}

/** Active members as options of a choice. */
export function useMemberOptions(): readonly { readonly value: string; readonly label: string }[] {
  return useMembers()
    .filter(({ status }) => status === 'active')
    .map((member) => ({ value: member.userId, label: nameOfMember(member) }))
    .toSorted((one, other) => one.label.localeCompare(other.label))
}
