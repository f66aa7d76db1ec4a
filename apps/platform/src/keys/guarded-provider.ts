import { WatertightError } from 'watertight/errors'
import type { KeyProvider } from 'watertight/tenants'

async function answered<Result>(provider: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof WatertightError) throw cause
    throw new WatertightError('KEY_PROVIDER_FAILED', 'the key provider failed', {
      object: provider,
      cause,
    })
  }
}

/**
 * The provider with every failure typed, whatever it throws: callers learn that keys cannot be had now,
 * and nothing of why.
 */
export function guardedProvider(provider: KeyProvider): KeyProvider {
  const { name } = provider
  return {
    name,
    create: (...args) => answered(name, () => provider.create(...args)),
    wrap: (...args) => answered(name, () => provider.wrap(...args)),
    unwrap: (...args) => answered(name, () => provider.unwrap(...args)),
    disable: (...args) => answered(name, () => provider.disable(...args)),
    enable: (...args) => answered(name, () => provider.enable(...args)),
    destroy: (...args) => answered(name, () => provider.destroy(...args)),
  }
}
