import type { ReactNode } from 'react'
import { PageLink } from '../../details/page-link.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useMay } from '../../session/session.js'
import { tableOfTarget } from './target-tables.js'

/** Leads from a denied entry to why its row is or is not visible; nothing for other entries. */
export function WhyDenied({ entry }: { readonly entry: ItemOf<'/api/v1/audit'> }): ReactNode {
  const mayExplain = useMay('explain.read')
  const table = tableOfTarget(entry.targetType)
  if (!mayExplain || entry.outcome !== 'denied' || table === null || entry.targetId === null) {
    return null
  }
  return (
    <PageLink to="/isolation/explain" search={{ table, id: entry.targetId }}>
      Why denied?
    </PageLink>
  )
}
