import type { Cell, Cells, FuzzTable, Kind, Settings, World } from './world.js'
import type { Stored } from './encoder/decide.js'

/** Whether a row belongs to nobody that the context stands for, found without the prover. */
export type IsForeign = (table: FuzzTable, row: Cells) => boolean

/** The tenants of a context, from its settings and the memberships that are stored. */
export function foreignness(world: World, settings: Settings, stored: Stored): IsForeign {
  const own = new Set(ownTenants(world, settings, stored))
  return (table, row) => {
    const tenant = tenantOf(table, row, stored)
    return tenant === null || !own.has(tenant)
  }
}

function tenantOf({ isChild }: FuzzTable, row: Cells, stored: Stored): Cell {
  if (!isChild) return row['tenant_id'] ?? null
  const parent = stored.get('p')?.find(({ id }) => id === row['p_id'])
  return parent?.['tenant_id'] ?? null
}

function ownTenants(
  { context, tenantKind }: World,
  settings: Settings,
  stored: Stored,
): readonly string[] {
  switch (context.kind) {
    case 'guc':
      return canonical(tenantKind, settings[context.tenant] ?? null)
    case 'jwt-claims':
      return canonical(tenantKind, claimOf(settings[context.guc] ?? null))
    case 'membership': {
      const user = settings[context.user.guc] ?? null
      const members = stored.get('m') ?? []
      return members.flatMap((member) => {
        const tenant = member['tenant_id'] ?? null
        return user !== null && member['user_id'] === user && tenant !== null ? [tenant] : []
      })
    }
    case 'signed':
      throw new Error('signed contexts are not made here')
  }
}

function claimOf(text: Cell): Cell {
  try {
    const claims = JSON.parse(text ?? '') as { app?: { tenant?: unknown } }
    const tenant = claims.app?.tenant
    if (typeof tenant === 'string') return tenant
    return typeof tenant === 'number' ? String(tenant) : null
  } catch {
    return null
  }
}

/** The tenant that a text names, as the server prints it. */
function canonical(kind: Kind, text: Cell): readonly string[] {
  if (text === null) return []
  switch (kind) {
    case 'uuid':
      return [text.toLowerCase()]
    case 'int':
      return /^\s*[+-]?\d+\s*$/.test(text) ? [BigInt(text.trim().replace('+', '')).toString()] : []
    default:
      return [text]
  }
}
