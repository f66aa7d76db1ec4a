import type { TenancyModel } from 'watertight/model'

/** A setting beside the one with all claims, which says the same. */
export interface ClaimTwin {
  /** The declared setting that holds all claims. */
  readonly claims: string
  /** The claim that the twin holds by itself; null where it holds all of them. */
  readonly claim: string | null
}

/** The setting that holds the claims of the declared context; null for other kinds. */
export function claimsSetting({ context }: TenancyModel): string | null {
  if (context.kind === 'jwt-claims') return context.guc
  return context.kind === 'membership' && context.user.claim !== null ? context.user.guc : null
}

/**
 * The gateway that sets the claims of a request in one setting, `….claims`, may set each of them in
 * one of its own too, `….claim.sub`, or all of them in `….claim`. Null for any other setting.
 */
export function claimTwinOf(model: TenancyModel, setting: string): ClaimTwin | null {
  const claims = claimsSetting(model)
  // Names of settings do not differ in case (manual, section 20.1.1).
  const name = setting.toLowerCase()
  const stem = claims === null ? undefined : /^(.+\.claim)s$/.exec(claims.toLowerCase())?.[1]
  if (claims === null || stem === undefined) return null
  if (name === stem) return { claims, claim: null }
  const claim = name.slice(stem.length + 1)
  const isOne = name.startsWith(`${stem}.`) && !claim.includes('.') && !/^-?\d+$/.test(claim)
  return isOne ? { claims, claim } : null
}
