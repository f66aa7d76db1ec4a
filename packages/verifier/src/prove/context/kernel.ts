import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { genuineFunctions } from 'watertight/plan'
import type { Access } from '../../graph/access.js'
import { and, apply, implies, not, or, text } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { free } from '../encode/encoding.js'
import type { Encoding, KernelMeaning } from '../encode/encoding.js'
import { columnType } from '../encode/sql-type.js'
import { bool } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { grantedTenant } from './access-grants.js'
import { claimsOf, isInMode } from './claims.js'
import type { Claims } from './claims.js'
import { isKernelSealed } from './kernel-seal.js'
import { tenantsOfUser } from './tenants-of-user.js'

/** The functions are like any others. */
export const noKernel: KernelMeaning = {
  isKernelFunction: () => false,
  value: () => undefined,
}

type Meaning = (encoding: Encoding, args: readonly Value[]) => Value | undefined

/**
 * What watertight's own functions return, where they are genuine: to the letter what the model's
 * layer has, and nobody who sends requests can forge what they verify. Any other function is read
 * by its body, also one in schema `watertight`.
 */
export function kernelOf(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  access: Access,
): KernelMeaning {
  const meanings = meaningsOf(model)
  if (Object.keys(meanings).length === 0) return noKernel
  const genuine = genuineFunctions(model, catalog)
  if (!isKernelSealed(model, catalog, access, genuine)) return noKernel
  return {
    isKernelFunction: ({ schema, name }) =>
      schema === 'watertight' && genuine.has(name) && meanings[name] !== undefined,
    value: (encoding, name, args) => meanings[name]?.(encoding, args),
  }
}

/** For plain contexts the bodies of the functions say it all, except for a set of tenants. */
function meaningsOf({ context }: TenancyModel): Readonly<Record<string, Meaning>> {
  switch (context.kind) {
    case 'signed':
      return signedMeanings
    case 'membership':
      return { tenant_ids: withoutArguments(memberships) }
    case 'guc':
    case 'jwt-claims':
      return {}
  }
}

const signedMeanings: Readonly<Record<string, Meaning>> = {
  tenant_id: withoutArguments((encoding) => {
    const claims = claimsOf(encoding)
    const isMember = isInMode(claims, 'member', 'worker')
    return { ...claims.tenant, isNull: or(not(isMember), claims.tenant.isNull) }
  }),
  user_id: withoutArguments((encoding) => claimsOf(encoding).user),
  mode: withoutArguments((encoding) => claimsOf(encoding).mode),
  org_unit_ids: withoutArguments((encoding) => claimsOf(encoding).units),
  auditor_tenant_id: granted('auditor', false),
  platform_tenant_id: granted('platform', false),
  platform_write_tenant_id: granted('platform', true),
  has_capability: (encoding, [capability, ...more]) => {
    if (capability === undefined || more.length > 0) return undefined
    const { mode } = claimsOf(encoding)
    return bool(capabilityTerm(mode, capability.term), mode.isNull)
  },
}

/** The context is valid and has the capability, as `has_capability` says it. */
export function holdsCapability({ mode }: Claims, capability: string): Term {
  return and(not(mode.isNull), capabilityTerm(mode, text(capability)))
}

function capabilityTerm(mode: Value, capability: Term): Term {
  return apply('has capability', 'bool', [mode.term, capability])
}

function withoutArguments(meaning: (encoding: Encoding) => Value | undefined): Meaning {
  return (encoding, args) => (args.length === 0 ? meaning(encoding) : undefined)
}

/** One value for the whole statement, as the function is STABLE. */
function granted(mode: 'auditor' | 'platform', writes: boolean): Meaning {
  return withoutArguments((encoding) => {
    const key = `tenant granted to the ${mode}${writes ? ' to write' : ''}`
    const known = encoding.known.get(key)
    if (known !== undefined) return known
    const value = grantedTenant(encoding, mode, writes)
    if (value !== undefined) encoding.known.set(key, value)
    return value
  })
}

/** The array of the user's tenants: whatever is in it is the tenant of a membership of the user. */
function memberships(encoding: Encoding): Value {
  const { catalog, model } = encoding.subject
  const list = free(encoding, `array:${columnType(model.tenantKey.type, catalog)}`, 'tenants')
  return {
    ...list,
    contains: (element) => {
      const found = apply('in array', 'bool', [list.term, element.term])
      encoding.facts.push(implies(found, tenantsOfUser(encoding, element)))
      return found
    },
  }
}
