import type { AclItem, CatalogSnapshot } from 'watertight/catalog'

/** The privileges by which rows of a table are shown or changed. */
const ofRows: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])

/** The privilege is one by which rows of a table are shown or changed. */
export function concernsRows({ privilege }: AclItem): boolean {
  return ofRows.has(privilege)
}

/**
 * How often each of `roles` is named by a policy, may call a function, make objects in a schema, or
 * will hold rights on tables that are created later: an API of functions alone grants nothing on
 * tables.
 */
export function outsideTables(
  catalog: CatalogSnapshot,
  roles: ReadonlySet<string>,
  owners: ReadonlyMap<string, number>,
  named: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const functions = catalog.functions.filter(
    ({ schema, extension }) => extension === null && schema !== 'watertight',
  )
  const items = [
    ...functions.flatMap(({ acl }) => acl),
    ...catalog.schemas.flatMap(({ acl }) => acl.filter(({ privilege }) => privilege === 'CREATE')),
    ...catalog.defaultPrivileges
      .filter(({ objectType }) => objectType === 'table')
      .flatMap(({ acl }) => acl.filter(concernsRows)),
  ]
  const counts = new Map([...named].filter(([name]) => roles.has(name) && !owners.has(name)))
  for (const { grantee, grantor } of items) {
    if (!roles.has(grantee) || owners.has(grantee) || grantee === grantor) continue
    counts.set(grantee, (counts.get(grantee) ?? 0) + 1)
  }
  return counts
}

/**
 * One of `roles`, all alike, where tables, or functions with the rights of their owner, are open to
 * everybody and to nobody by name; one that may log in, if there is.
 */
export function whoeverHoldsPublic(
  catalog: CatalogSnapshot,
  roles: ReadonlySet<string>,
): string | undefined {
  const isOpen =
    catalog.relations.some(
      ({ schema, acl, columns }) =>
        !isOfSystem(schema) &&
        [...acl, ...columns.flatMap((column) => column.acl)].some(
          (item) => item.isPublic && concernsRows(item),
        ),
    ) ||
    catalog.functions.some(
      ({ schema, extension, securityDefiner, acl }) =>
        securityDefiner &&
        extension === null &&
        !isOfSystem(schema) &&
        acl.some(({ isPublic }) => isPublic),
    )
  if (!isOpen) return undefined
  const [first] = catalog.roles
    .filter(({ name }) => roles.has(name))
    .toSorted((a, b) => Number(b.canLogin) - Number(a.canLogin) || (a.name < b.name ? -1 : 1))
  return first?.name
}

function isOfSystem(schema: string): boolean {
  return schema === 'watertight' || schema === 'information_schema' || schema.startsWith('pg_')
}
