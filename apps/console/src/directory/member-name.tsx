import type { ReactNode } from 'react'
import { useMemberName } from './use-members.js'

/** Somebody by name, with the id on hover; a dash for nobody. */
export function MemberName({ id }: { readonly id: string | null }): ReactNode {
  const name = useMemberName(id)
  if (id === null) return <span aria-label="nobody">—</span>
  return <span title={id}>{name}</span>
}
