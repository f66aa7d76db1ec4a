import type { InferredModel } from '@watertight/verifier'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'

/** The roles of a database, and from what they were read. */
export interface InferredRoles {
  readonly roles: RolesInput
  /** Roles that may use tables as well, and of which nothing tells what they are for. */
  readonly others: readonly string[]
  readonly reason: string
}

const kinds = ['owner', 'migrator', 'app', 'public', 'auditor', 'worker', 'platform'] as const

/**
 * The roles that requests run as: a set of watertight's own, or what grants and policies say; the
 * owner of the tables where there is no other. Null when there are none but superusers.
 */
export function inferRoles(
  catalog: CatalogSnapshot,
  tables: readonly Relation[],
  { input }: InferredModel,
): InferredRoles | null {
  const prefix = knownPrefix(catalog)
  if (prefix !== null) {
    return { roles: { prefix }, others: [], reason: `there is a role ${prefix}_app` }
  }
  const { app, public: reader, owner, worker } = input.roles ?? {}
  const owners = new Set(tables.map((table) => table.owner))
  const bound = catalog.roles.find(
    ({ name, superuser, bypassRls }) => owners.has(name) && !superuser && !bypassRls,
  )?.name
  const chosen = app ?? bound
  if (typeof chosen !== 'string') return null
  return {
    roles: {
      app: chosen,
      ...(typeof reader === 'string' && { public: reader }),
      ...(typeof owner === 'string' && owner !== chosen && { owner }),
    },
    // Not written down: policies for jobs are wider than those for members.
    others: typeof worker === 'string' ? [worker] : [],
    reason: owners.has(chosen)
      ? `${chosen} owns the tables and nobody else may read them`
      : holdsOnTables(tables, chosen)
        ? `${chosen} has the most privileges on tables that it does not own`
        : `${chosen} may call functions or make objects, or holds what everybody holds`,
  }
}

function holdsOnTables(tables: readonly Relation[], role: string): boolean {
  return tables.some(({ acl, columns }) =>
    [...acl, ...columns.flatMap((column) => column.acl)].some(({ grantee }) => grantee === role),
  )
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
