import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { claimsSetting } from './claim-twin.js'

/** What names a user, or who is asked for, in the claims of requests. */
export interface UserClaims {
  /** The setting with all claims. */
  readonly setting: string
  /** JSON pointers to claims that a request without a user does not have. */
  readonly absent: readonly string[]
}

/** The setting in which the gateway of an API over PostgreSQL hands on the claims that it verified. */
const gatewaySetting = 'request.jwt.claims'

/**
 * The claims that requests as a role lack because nobody has signed in: the gateway chooses the role by
 * the token, so that whoever signs in runs as another one. Null for a role of which that cannot be said:
 * whoever logs in as it, or calls a function that makes settings, sets claims of their own.
 */
export function claimsWithoutUser(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  role: string,
): UserClaims | null {
  const { context, roles } = model
  const setting = claimsSetting(model)
  if (setting === null || setting.toLowerCase() !== gatewaySetting) return null
  if (roles.app === role || !standsForEverybody(model, role)) return null
  const found = catalog.roles.find(({ name }) => name === role)
  if (found === undefined || found.canLogin || found.superuser || found.bypassRls) return null
  if (catalog.functions.some(makesSettings)) return null
  const declared =
    context.kind === 'jwt-claims'
      ? [context.tenant, context.user]
      : context.kind === 'membership'
        ? [context.user.claim]
        : []
  const absent = ['/sub', ...declared].filter((pointer) => pointer !== null)
  return { setting, absent: [...new Set(absent)] }
}

/**
 * That a role may only read says nothing of who runs as it: it has to have the name, too, that hosted
 * gateways give to requests without a user.
 */
function standsForEverybody({ roles }: TenancyModel, role: string): boolean {
  return role === anonymous || (roles.public === role && /(^|_)anon(ymous)?$/.test(role))
}

/** The name that hosted gateways give to the role of requests without a user. */
export const anonymous = 'anon'

/** Whoever gets it to run may put another user's claims into the setting. */
function makesSettings({ schema, body, settings }: FunctionInfo): boolean {
  if (schema === 'pg_catalog' || schema === 'information_schema') return false
  const names = Object.keys(settings).map((name) => name.toLowerCase())
  return (
    names.some((name) => name.startsWith('request.jwt')) ||
    /\bset_config\b|\bset\s+(local|session)\b|\bset\s+"?request\b/i.test(body)
  )
}
