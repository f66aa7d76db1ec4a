import { randomBytes } from 'node:crypto'
import { WatertightError } from '../../errors/index.js'
import { boundTo, brokenSeal, decrypt, encrypt, keyBytes, nonceBytes, tagBytes } from './aes-gcm.js'
import type { Ciphertext } from './aes-gcm.js'
import type { KeyContext, KeyProvider } from './key-provider.js'

type Standing = 'enabled' | 'disabled'

const destroyed = 'local:destroyed'
const pattern = /^local:1:(enabled|disabled):([\w-]+)$/

function boundToKey(what: string, context: KeyContext): Uint8Array {
  const { tenantId, purpose, version } = context
  return boundTo([`watertight.${what}/1`, tenantId, purpose, String(version)])
}

function pack({ nonce, tag, data }: Ciphertext): Buffer {
  return Buffer.concat([nonce, tag, data])
}

function unpack(bytes: Uint8Array): Ciphertext {
  if (bytes.length <= nonceBytes + tagBytes) throw brokenSeal()
  const dataFrom = nonceBytes + tagBytes
  return {
    nonce: bytes.subarray(0, nonceBytes),
    tag: bytes.subarray(nonceBytes, dataFrom),
    data: bytes.subarray(dataFrom),
  }
}

/**
 * Keys without a key service: a random AES-256 key per tenant, purpose and version, kept in its own
 * reference, encrypted under one key from the configuration. Destroying a key forgets it: only copies
 * of the reference in backups could bring it back, so keep those no longer than the promise allows.
 *
 * @param masterKey 32 bytes that are nowhere in the database.
 * @throws INVALID_INPUT when the key is not 32 bytes.
 *
 * @example
 * ```ts
 * const provider = localKeyProvider(Buffer.from(process.env.KEY_ENCRYPTION_KEY, 'base64url'))
 * const reference = await provider.create({ tenantId, purpose: 'credentials', version: 1 })
 * ```
 */
export function localKeyProvider(masterKey: Uint8Array): KeyProvider {
  if (masterKey.length !== keyBytes) {
    throw new WatertightError('INVALID_INPUT', 'the key encryption key is not 32 bytes', {
      object: 'the key encryption key',
      hint: 'Make one: openssl rand 32 | basenc --base64url',
    })
  }
  const master = Uint8Array.from(masterKey)
  const refer = (standing: Standing, key: Uint8Array, context: KeyContext): string => {
    // SECURITY: the standing is authenticated, so writing `enabled` over `disabled` opens nothing.
    const sealed = encrypt(master, key, boundToKey(`tenant-key-${standing}`, context))
    return `local:1:${standing}:${pack(sealed).toString('base64url')}`
  }
  const read = (reference: string, context: KeyContext): { key: Uint8Array; is: Standing } => {
    if (reference === destroyed) {
      throw new WatertightError('KEY_DESTROYED', 'the key is destroyed')
    }
    const [, standing, sealed] = pattern.exec(reference) ?? []
    if (sealed === undefined) throw brokenSeal()
    const is = standing === 'enabled' ? 'enabled' : 'disabled'
    const bound = boundToKey(`tenant-key-${is}`, context)
    return { key: decrypt(master, unpack(Buffer.from(sealed, 'base64url')), bound), is }
  }
  const use = (reference: string, context: KeyContext): Uint8Array => {
    const { key, is } = read(reference, context)
    if (is === 'disabled') throw new WatertightError('KEY_DISABLED', 'the key is disabled')
    return key
  }
  return {
    name: 'local',
    create: async (context) => refer('enabled', randomBytes(keyBytes), context),
    wrap: async (reference, context, dataKey) =>
      pack(encrypt(use(reference, context), dataKey, boundToKey('data-key', context))),
    unwrap: async (reference, context, wrapped) =>
      decrypt(use(reference, context), unpack(wrapped), boundToKey('data-key', context)),
    disable: async (reference, context) => refer('disabled', read(reference, context).key, context),
    enable: async (reference, context) => refer('enabled', read(reference, context).key, context),
    destroy: async () => destroyed,
  }
}
