import { useQuery } from '@tanstack/react-query'
import { useList } from '../../lists/use-list.js'
import type { OrgUnit } from './org-tree.js'

/** Org units of a tree at most. */
const mostUnits = 2000

/** What is known of the org units in scope. */
export interface OrgTree {
  readonly units: readonly OrgUnit[] | undefined
  readonly error: unknown
  readonly reload: () => void
}

/** All org units in scope, in use or archived. */
export function useOrgTree(archived: boolean): OrgTree {
  const list = useList('/api/v1/org-units', {
    query: { archived: String(archived) },
    enabled: false,
  })
  const { data, error, refetch } = useQuery({
    queryKey: ['org-tree', archived],
    queryFn: () => list.readAll(mostUnits),
  })
  return { units: data, error, reload: () => void refetch() }
}
