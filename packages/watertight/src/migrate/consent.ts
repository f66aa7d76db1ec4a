import type { Hazard, HazardKind } from '../plan/index.js'

/** Hazards that somebody has to allow by name; the others only inform. */
const needsConsent: Readonly<Record<HazardKind, boolean>> = {
  WIDENS_ACCESS: true,
  NARROWS_ACCESS: false,
  DISABLES_RLS: true,
  DROPS_POLICY: true,
  GRANTS_BYPASS: true,
  REWRITES_TABLE: true,
  BLOCKS_WRITES: false,
  DELETES_DATA: true,
  OPENS_WINDOW: true,
}

/** Every kind of hazard that `allow` can name. */
export const hazardKinds: readonly string[] = Object.keys(needsConsent)

/** Whether a word names a kind of hazard. */
export function isHazardKind(kind: string): kind is HazardKind {
  return Object.hasOwn(needsConsent, kind)
}

/**
 * Hazards that nobody has allowed. An entry of `allow` names a kind and its object
 * (`WIDENS_ACCESS:evt.events`), or a kind for every object (`WIDENS_ACCESS` or `WIDENS_ACCESS:*`).
 */
export function missingConsent(
  hazards: readonly Hazard[],
  allow: readonly string[],
): readonly Hazard[] {
  const allowed = new Set(allow)
  return hazards.filter(
    ({ kind, object }) =>
      needsConsent[kind] &&
      !allowed.has(kind) &&
      !allowed.has(`${kind}:*`) &&
      !allowed.has(`${kind}:${object}`),
  )
}
