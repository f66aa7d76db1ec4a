import type { TenancyModel } from 'watertight/model'
import { claimTwinOf } from '../../graph/claim-twin.js'
import type { Counterexample } from '../../prove/proof-result.js'
import type { ContextSettings } from '../session.js'

/**
 * The context of a counterexample. What it says of plain settings is taken as it is; claims and
 * signed contexts are made as the application makes them, unless there is none at all.
 */
export function settingsOf(
  model: TenancyModel,
  example: Counterexample,
  concrete: ContextSettings,
  own: ContextSettings,
): ContextSettings {
  const { context } = model
  const named = new Map(concrete)
  const said = (name: string): string | null | undefined => example.settings[name.toLowerCase()]
  const made = own.filter(([name]) => {
    const value = said(name)
    if (value === undefined) return hasContext(model, example)
    const isPlain =
      context.kind === 'guc' || (context.kind === 'membership' && context.user.claim === null)
    return !isPlain && value !== null && value !== ''
  })
  for (const [name] of made) named.delete(name.toLowerCase())
  // What says the same as the claims is left to the claims, whose values are made anew.
  for (const name of named.keys()) if (claimTwinOf(model, name) !== null) named.delete(name)
  return [...made, ...named]
}

/** False for a counterexample of a session that nobody gave a tenant. */
function hasContext({ context }: TenancyModel, { settings }: Counterexample): boolean {
  const name =
    context.kind === 'guc'
      ? context.tenant
      : context.kind === 'membership'
        ? context.user.guc
        : context.kind === 'jwt-claims'
          ? context.guc
          : 'watertight.context'
  const value = settings[name.toLowerCase()]
  return value !== null && value !== ''
}
