import { keepPreviousData } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useQueries } from '../api/client.js'
import type { PickerProps } from '../forms/picker.js'
import type { Found } from '../forms/search-select.js'
import { SearchSelect } from '../forms/search-select.js'
import { useMay } from '../session/session.js'
import { nameOfMember, useMemberName } from './use-members.js'

/** Members that are shown at once. */
const mostShown = 20

/** Active members that a typed text can mean; none for who may not see any. */
export function useFoundMembers(text: string): Found {
  const enabled = useMay('members.read')
  const search = text.trim()
  const { data, isFetching } = useQueries().useQuery(
    'get',
    '/api/v1/members',
    {
      params: {
        query: {
          status: 'active',
          sort: 'displayName',
          limit: mostShown,
          ...(search !== '' && { search }),
        },
      },
    },
    { enabled, staleTime: 30_000, placeholderData: keepPreviousData },
  )
  return {
    options: (data?.items ?? []).map((member) => ({
      value: member.userId,
      label: nameOfMember(member),
    })),
    hasMore: typeof data?.next === 'string',
    isLoading: isFetching,
  }
}

/** Picks an active member by a part of the name or address. */
export function MemberPicker(props: PickerProps): ReactNode {
  return <SearchSelect {...props} useFound={useFoundMembers} useLabel={useMemberName} />
}
