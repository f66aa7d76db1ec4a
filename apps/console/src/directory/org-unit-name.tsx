import type { ReactNode } from 'react'
import { shortId } from './use-members.js'
import { useOrgUnitPath } from './use-org-unit-path.js'

/** An org unit by its path, with the id on hover; a dash for none. */
export function OrgUnitName({ id }: { readonly id: string | null }): ReactNode {
  const path = useOrgUnitPath(id)
  if (id === null) return <span aria-label="none">—</span>
  return <span title={id}>{path ?? shortId(id)}</span>
}
