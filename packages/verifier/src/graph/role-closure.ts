import type { CatalogSnapshot, RoleInfo } from 'watertight/catalog'

/** Which roles a role can act as, itself included. */
export interface RoleClosure {
  /** Roles whose privileges and policies the role has without SET ROLE. */
  readonly inherited: ReadonlySet<string>
  /** Roles it can become or act as in any way: inherited, by SET ROLE, or by granting to itself. */
  readonly reachable: ReadonlySet<string>
}

/** Computes closures over role membership, once per role. */
export function roleClosures(catalog: CatalogSnapshot): (role: string) => RoleClosure {
  const known = new Map<string, RoleClosure>()
  const byName = new Map<string, RoleInfo>(catalog.roles.map((role) => [role.name, role]))
  return (role) => {
    const done = known.get(role)
    if (done !== undefined) return done
    const closure: RoleClosure = {
      inherited: walk(catalog, role, (edge) => edge.inherit),
      reachable: byName.get(role)?.superuser
        ? new Set(byName.keys())
        : // ADMIN OPTION alone lets a member grant the role to itself with INHERIT or SET.
          walk(catalog, role, (edge) => edge.inherit || edge.set || edge.admin),
    }
    known.set(role, closure)
    return closure
  }
}

function walk(
  catalog: CatalogSnapshot,
  start: string,
  follow: (edge: CatalogSnapshot['memberships'][number]) => boolean,
): ReadonlySet<string> {
  const found = new Set([start])
  const open = [start]
  for (let member = open.pop(); member !== undefined; member = open.pop()) {
    for (const edge of catalog.memberships) {
      if (edge.member !== member || found.has(edge.role) || !follow(edge)) continue
      found.add(edge.role)
      open.push(edge.role)
    }
  }
  return found
}
