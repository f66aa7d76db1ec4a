import type { TenancyModel } from 'watertight/model'

/** Settings that carry the model's tenant context, in lower case: the server does not mind theirs. */
export function contextSettings(model: TenancyModel): readonly string[] {
  return declared(model).map((name) => name.toLowerCase())
}

function declared({ context }: TenancyModel): readonly string[] {
  if (context.kind === 'signed') return ['watertight.context']
  if (context.kind === 'jwt-claims') return [context.guc]
  if (context.kind === 'membership') return [context.user.guc]
  return [context.tenant, context.user, context.orgUnits, context.orgScope].filter(
    (name) => name !== null,
  )
}
