import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import { isKeyMemoryGenuine } from 'watertight/plan'
import type { Access } from '../../graph/access.js'
import { objectName } from '../../graph/object-name.js'

const kinds: readonly RuntimeRole[] = ['app', 'public', 'auditor', 'worker', 'platform']

/**
 * No role that requests run as can change watertight's functions or learn what tokens are signed
 * with.
 *
 * SECURITY: a genuine function says nothing when its caller can sign its own contexts.
 */
export function isKernelSealed(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  access: Access,
  genuine: ReadonlySet<string>,
): boolean {
  const roles = kinds.flatMap((kind) => model.roles[kind] ?? [])
  const schema = catalog.schemas.find(({ name }) => name === 'watertight')
  if (schema === undefined) return false
  const functions = catalog.functions.filter((fn) => fn.schema === 'watertight')
  const owned = [schema, ...functions]
  const canChange = roles.some(
    (role) =>
      owned.some((object) => access.canOwn(role, object)) ||
      schema.acl.some(
        ({ privilege, grantee, isPublic }) =>
          privilege === 'CREATE' && (isPublic || access.closure(role).reachable.has(grantee)),
      ),
  )
  if (canChange) return false
  if (model.context.kind !== 'signed') return true
  const keys = catalog.relations.find(
    ({ schema: of, name }) => of === 'watertight' && name === 'signing_keys',
  )
  if (keys === undefined || !isKeyMemoryGenuine(keys.triggers, genuine)) return false
  return areSecret(keys, roles, catalog, access)
}

/** Nobody but the owner may read or add keys, on any way that the catalog shows. */
function areSecret(
  keys: Relation,
  roles: readonly string[],
  catalog: CatalogSnapshot,
  access: Access,
): boolean {
  if (keys.kind !== 'table' || keys.rules.length > 0) return false
  const acl = [...keys.acl, ...keys.columns.flatMap((column) => column.acl)]
  const shared = acl.some(({ grantee, isPublic }) => isPublic || grantee !== keys.owner)
  const privileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']
  const reached = roles.some(
    (role) =>
      access.canOwn(role, keys) ||
      privileges.some((privilege) => access.can(role, privilege, keys)),
  )
  // A child's rows count as the parent's, and a view or a function lends its owner's rights.
  const name = objectName(keys)
  const lent = catalog.relations.some(
    ({ parents, reads }) =>
      parents.some((parent) => objectName(parent) === name) ||
      reads.some((read) => objectName(read) === name),
  )
  const told = catalog.functions.some(
    (fn) =>
      fn.schema !== 'watertight' &&
      /\bsigning_keys\b/.test(fn.body) &&
      roles.some((role) => access.canExecute(role, fn)),
  )
  return !shared && !reached && !lent && !told
}
