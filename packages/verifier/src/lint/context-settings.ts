import type { TenancyModel } from 'watertight/model'

/** Names of the settings that carry the model's tenant context. */
export function contextSettings({ context }: TenancyModel): readonly string[] {
  if (context.kind === 'signed') return ['watertight.context']
  if (context.kind === 'jwt-claims') return [context.guc]
  if (context.kind === 'membership') return [context.user.guc]
  return [context.tenant, context.user, context.orgUnits, context.orgScope].filter(
    (name) => name !== null,
  )
}
