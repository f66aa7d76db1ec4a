import type { ReactNode } from 'react'
import { useFoundMembers } from '../../directory/member-picker.js'
import { useMemberName } from '../../directory/use-members.js'
import type { PickerProps } from '../../forms/picker.js'
import type { Found } from '../../forms/search-select.js'
import { SearchSelect } from '../../forms/search-select.js'

/** Contexts that are nobody else's. */
const ownEyes = [
  { value: 'own', label: 'mine, as this page' },
  { value: 'none', label: 'nobody’s: no context' },
] as const

function fitting(text: string): Found['options'] {
  const wanted = text.trim().toLowerCase()
  return ownEyes.filter(({ label }) => label.toLowerCase().includes(wanted))
}

function useOwnEyes(text: string): Found {
  return { options: fitting(text), hasMore: false, isLoading: false }
}

function useAllEyes(text: string): Found {
  const members = useFoundMembers(text)
  return { ...members, options: [...fitting(text), ...members.options] }
}

function useEyes(id: string | null): string | undefined {
  const own = ownEyes.find(({ value }) => value === id)
  const name = useMemberName(own === undefined ? id : null)
  return own?.label ?? name
}

/** Picks the own context, none, or that of a member for who may ask with their eyes. */
export function EyesPicker({
  withMembers,
  ...props
}: PickerProps & { readonly withMembers: boolean }): ReactNode {
  return (
    <SearchSelect {...props} useFound={withMembers ? useAllEyes : useOwnEyes} useLabel={useEyes} />
  )
}
