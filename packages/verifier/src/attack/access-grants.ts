import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'
import type { Principal } from './principals.js'
import { insertRow } from './synthesis/insert-row.js'
import type { Synthesis } from './synthesis/synthesis.js'

/** Ids of live access grants by mode, or why there is none. */
export interface GrantIds {
  readonly auditor: { readonly id: string } | string
  readonly platform: { readonly id: string } | string
}

/** Makes the grants that let those of the roles that need one into the attacker's tenant. */
export async function makeGrants(
  input: LintInput,
  synthesis: Synthesis,
  principal: Principal,
  roles: readonly { readonly kind: string }[],
): Promise<GrantIds> {
  const needed = (kind: 'auditor' | 'platform'): boolean => roles.some((role) => role.kind === kind)
  const make = async (mode: 'auditor' | 'platform'): Promise<{ id: string } | string> =>
    needed(mode) ? makeGrant(input, synthesis, principal, mode) : 'there is no such role'
  return { auditor: await make('auditor'), platform: await make('platform') }
}

const hour = 3_600_000

async function makeGrant(
  input: LintInput,
  synthesis: Synthesis,
  principal: Principal,
  mode: 'auditor' | 'platform',
): Promise<{ id: string } | string> {
  const grants = input.model.accessGrants
  if (grants === null) return 'the model names no table of access grants'
  const relation = input.catalog.relations.find(
    (candidate) => objectName(candidate) === objectName(grants.table),
  )
  if (relation === undefined || principal.user === null) return 'no access grant can be made'
  const at = (offset: number): string => new Date(Date.now() + offset).toISOString()
  const row = await insertRow(synthesis, relation, {
    [grants.tenantColumn]: principal.tenant,
    [grants.granteeColumn]: principal.user,
    [grants.modeColumn]: mode,
    [grants.canWriteColumn]: String(mode === 'platform'),
    [grants.startsAtColumn]: at(-hour),
    [grants.expiresAtColumn]: at(hour),
  })
  if (typeof row === 'string') return `no access grant can be made: ${row}`
  const id = row[grants.idColumn]
  return typeof id === 'string' ? { id } : 'the access grant has no id'
}
