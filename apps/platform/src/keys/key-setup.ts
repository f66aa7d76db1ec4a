import { createSealer, localKeyProvider } from 'watertight/tenants'
import type { KeyProvider, Refusal, Sealer } from 'watertight/tenants'
import { WatertightError } from 'watertight/errors'
import { guardedProvider } from './guarded-provider.js'

/** What the platform's keys are held by. */
export interface KeySetup {
  /** The first one makes new keys; all of them open what their keys sealed. */
  readonly providers: readonly [KeyProvider, ...KeyProvider[]]
  /** Told of every use of a key that is disabled, destroyed or missing. */
  readonly onRefused?: (refusal: Refusal) => void
}

interface Keys extends KeySetup {
  readonly sealer: Sealer
}

let current: Keys | null = null

/**
 * Says once per process who holds the tenants' keys, before anything is sealed or opened.
 *
 * @example configureKeys({ providers: [localKeyProvider(masterKey)] })
 */
export function configureKeys(setup: KeySetup): void {
  const { onRefused } = setup
  const [first, ...others] = setup.providers
  const providers = [guardedProvider(first), ...others.map(guardedProvider)] as const
  const sealer = createSealer({ providers, ...(onRefused && { onRefused }) })
  current = { ...setup, providers, sealer }
}

/** @throws KEY_PROVIDER_FAILED before {@link configureKeys}. */
export function configuredKeys(): Keys {
  if (current !== null) return current
  throw new WatertightError('KEY_PROVIDER_FAILED', 'no key provider is configured', {
    hint: 'Set PLATFORM_KEY_ENCRYPTION_KEY, or PLATFORM_AWS_KMS_REGION.',
  })
}

/** The provider that makes new keys. */
export function newKeyProvider(): KeyProvider {
  return configuredKeys().providers[0]
}

/**
 * The provider that holds a key.
 *
 * @throws KEY_PROVIDER_FAILED when it is not configured.
 */
export function providerNamed(name: string): KeyProvider {
  const found = configuredKeys().providers.find((provider) => provider.name === name)
  if (found !== undefined) return found
  throw new WatertightError('KEY_PROVIDER_FAILED', `no key provider ${name} is configured`, {
    object: name,
  })
}

/** Local keys under a key encryption key of the configuration: 32 bytes as base64url. */
export function localKeys(keyEncryptionKey: string): KeyProvider {
  return localKeyProvider(Buffer.from(keyEncryptionKey, 'base64url'))
}
