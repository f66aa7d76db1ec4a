import type { ReactNode } from 'react'
import { EvidenceList } from './evidence-list.js'

/** Evidence of the tenant. */
export function Page(): ReactNode {
  return <EvidenceList />
}
