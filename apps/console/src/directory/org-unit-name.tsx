import type { ReactNode } from 'react'
import { shortId } from './use-members.js'
import { pathOfOrgUnit, useOrgUnits } from './use-org-units.js'

/** An org unit by its path, with the id on hover; a dash for none. */
export function OrgUnitName({ id }: { readonly id: string | null }): ReactNode {
  const units = useOrgUnits()
  if (id === null) return <span aria-label="none">—</span>
  return <span title={id}>{pathOfOrgUnit(units, id) ?? shortId(id)}</span>
}
