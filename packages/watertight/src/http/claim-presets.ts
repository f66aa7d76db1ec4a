import type { ClaimMapping } from './claim-mapping.js'

/** Identity providers whose claims are known. */
export type ClaimPreset =
  'auth0' | 'workos' | 'clerk' | 'supabase' | 'keycloak' | 'cognito' | 'entra'

/** Where each provider puts tenant, user and capabilities. */
export const claimPresets: Readonly<Record<ClaimPreset, ClaimMapping>> = {
  auth0: { tenant: '/org_id', capabilities: '/permissions' },
  workos: { tenant: '/org_id', capabilities: '/permissions' },
  clerk: { tenant: '/o/id' },
  supabase: { tenant: '/app_metadata/tenant_id' },
  keycloak: { tenant: ({ organization }) => onlyOrganization(organization) },
  cognito: { tenant: '/custom:tenant_id', capabilities: '/cognito:groups' },
  entra: { tenant: '/tid', user: '/oid', capabilities: '/roles' },
}

/**
 * Keycloak lists every organisation a token is for: `["acme"]`, or `{"acme": {"id": "…"}}` where
 * the mapper adds ids. More than one names no tenant.
 */
function onlyOrganization(claim: unknown): unknown {
  if (Array.isArray(claim)) return claim.length === 1 ? (claim as unknown[])[0] : undefined
  if (typeof claim !== 'object' || claim === null) return claim
  const [only, ...others] = Object.entries(claim) as [string, unknown][]
  if (only === undefined || others.length > 0) return undefined
  const [alias, details] = only
  const hasId = typeof details === 'object' && details !== null && Object.hasOwn(details, 'id')
  return hasId ? (details as { id: unknown }).id : alias
}
