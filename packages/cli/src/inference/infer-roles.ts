import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'

/** The roles of a database, and from what they were read. */
export interface InferredRoles {
  readonly roles: RolesInput
  readonly reason: string
}

const kinds = ['owner', 'migrator', 'app', 'public', 'auditor', 'worker', 'platform'] as const

/**
 * The roles that requests run as: a set of watertight's own, or those that may read the tables; the
 * owner of the tables where there is no other. Null when there are none but superusers.
 */
export function inferRoles(
  catalog: CatalogSnapshot,
  tables: readonly Relation[],
): InferredRoles | null {
  const prefix = knownPrefix(catalog)
  if (prefix !== null) return { roles: { prefix }, reason: `there is a role ${prefix}_app` }
  const powerful = new Set(catalog.roles.filter(isPowerful).map(({ name }) => name))
  const reach = new Map<string, number>()
  for (const { acl, policies, owner } of tables) {
    const granted = acl.filter(({ isPublic, grantee }) => !isPublic && grantee !== owner)
    for (const name of new Set([
      ...granted.map(({ grantee }) => grantee),
      ...policies.flatMap(({ roles }) => roles),
    ])) {
      if (!powerful.has(name)) reach.set(name, (reach.get(name) ?? 0) + 1)
    }
  }
  const anonymous = [...reach.keys()].find((name) =>
    /^(anon|anonymous|.*_public|public_.*)$/.test(name),
  )
  const [app] = [...reach]
    .filter(([name]) => name !== anonymous && !/^pg_|owner|migrat|admin|service_role/.test(name))
    .toSorted(([left, first], [right, second]) => second - first || (left < right ? -1 : 1))
    .map(([name]) => name)
  const owners = [...new Set(tables.map(({ owner }) => owner))].filter(
    (name) => !powerful.has(name),
  )
  const chosen = app ?? owners[0]
  if (chosen === undefined) return null
  return {
    roles: {
      app: chosen,
      ...(anonymous !== undefined && { public: anonymous }),
      ...(app !== undefined && owners[0] !== undefined && { owner: owners[0] }),
    },
    reason:
      app === undefined
        ? `${chosen} owns the tables and nobody else may read them`
        : `${chosen} has privileges on ${reach.get(chosen) ?? 0} tables`,
  }
}

function isPowerful({ superuser, bypassRls }: CatalogSnapshot['roles'][number]): boolean {
  return superuser || bypassRls
}

/** The prefix that at least the app role and one other of watertight's roles have. */
function knownPrefix(catalog: CatalogSnapshot): string | null {
  const names = new Set(catalog.roles.map(({ name }) => name))
  const usesLayer = catalog.schemas.find(({ name }) => name === 'watertight')
  if (usesLayer === undefined) return null
  for (const { grantee } of usesLayer.acl) {
    if (!grantee.endsWith('_app')) continue
    const prefix = grantee.slice(0, -'_app'.length)
    const others = kinds.filter((kind) => names.has(`${prefix}_${kind}`))
    if (others.length > 1) return prefix
  }
  return null
}
