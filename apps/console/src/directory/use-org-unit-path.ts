import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/client.js'
import { ProblemError } from '../api/problem.js'
import type { ItemOf } from '../lists/use-list.js'
import { useMay } from '../session/session.js'
import { namesById } from './names-by-id.js'

type OrgUnit = ItemOf<'/api/v1/org-units'>

/** The names from the top of what the caller works in down to a unit: `North site / Gate 2`. */
export function pathOfOrgUnit({ path }: Pick<OrgUnit, 'path'>): string {
  return path.join(' / ')
}

const loaderOf = namesById(async (api, query) => {
  const { data, error } = await api.fetch.GET('/api/v1/org-units', { params: { query } })
  if (data === undefined) throw new ProblemError(error)
  return new Map(data.items.map((unit) => [unit.id, pathOfOrgUnit(unit)]))
})

/** The path of an org unit in use by its id; undefined where the caller does not see it. */
export function useOrgUnitPath(id: string | null): string | undefined {
  const api = useApi()
  const enabled = useMay('org_units.read') && id !== null
  const { data } = useQuery({
    queryKey: ['org-unit-path', id],
    queryFn: () => loaderOf(api)(id ?? ''),
    enabled,
    staleTime: 60_000,
  })
  return data ?? undefined
}
