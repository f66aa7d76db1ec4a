import { WatertightError } from '../../errors/index.js'
import { brokenSeal } from './aes-gcm.js'
import type { KeyContext, KeyProvider } from './key-provider.js'

interface Answer {
  readonly CiphertextBlob?: Uint8Array | undefined
  readonly Plaintext?: Uint8Array | undefined
  readonly KeyMetadata?: { readonly Arn?: string | undefined } | undefined
}

type Bound = Readonly<Record<string, string>>

/** What is used of `new KMS({ … })` from `@aws-sdk/client-kms`. */
export interface AwsKms {
  createKey(input: {
    Description: string
    KeySpec: 'SYMMETRIC_DEFAULT'
    Tags: { TagKey: string; TagValue: string }[]
  }): Promise<Pick<Answer, 'KeyMetadata'>>
  encrypt(input: {
    KeyId: string
    Plaintext: Uint8Array
    EncryptionContext: Record<string, string>
  }): Promise<Pick<Answer, 'CiphertextBlob'>>
  decrypt(input: {
    KeyId: string
    CiphertextBlob: Uint8Array
    EncryptionContext: Record<string, string>
  }): Promise<Pick<Answer, 'Plaintext'>>
  disableKey(input: { KeyId: string }): Promise<unknown>
  enableKey(input: { KeyId: string }): Promise<unknown>
  scheduleKeyDeletion(input: { KeyId: string; PendingWindowInDays: number }): Promise<unknown>
}

export interface AwsKmsOptions {
  /** Days until AWS deletes a destroyed key, 7 to 30; 7 by default. It opens nothing meanwhile. */
  readonly deletionWindowDays?: number
}

function contextOf({ tenantId, purpose, version }: KeyContext): Record<string, string> {
  return { tenant: tenantId, purpose, version: String(version) }
}

/** AWS names its errors; everything that is not about the key itself is a failure of the provider. */
function translate(error: unknown): WatertightError {
  const name: unknown = Reflect.get(Object(error), 'name')
  switch (name) {
    case 'DisabledException':
      return new WatertightError('KEY_DISABLED', 'the key is disabled in AWS KMS')
    case 'KMSInvalidStateException':
    case 'NotFoundException':
      return new WatertightError('KEY_DESTROYED', 'the key is deleted in AWS KMS, or about to be')
    case 'InvalidCiphertextException':
    case 'IncorrectKeyException':
      return brokenSeal()
    default:
      return new WatertightError('KEY_PROVIDER_FAILED', 'AWS KMS does not answer as it should', {
        hint: 'Check its endpoint, the credentials, and the rights on the key.',
        cause: error,
      })
  }
}

async function answered<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call
  } catch (error) {
    throw translate(error)
  }
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw translate(new Error('the answer lacks what was asked for'))
  return value
}

/**
 * Keys in AWS KMS: one symmetric key per tenant, purpose and version, which are its encryption
 * context too. Disabling and destroying take effect in KMS, whatever the database says.
 *
 * @example
 * ```ts
 * import { KMS } from '@aws-sdk/client-kms'
 * const provider = awsKmsKeyProvider(new KMS({ region: 'eu-central-1' }))
 * ```
 */
export function awsKmsKeyProvider(kms: AwsKms, options: AwsKmsOptions = {}): KeyProvider {
  const { deletionWindowDays = 7 } = options
  return {
    name: 'aws-kms',
    async create(context) {
      const bound: Bound = contextOf(context)
      const { KeyMetadata } = await answered(
        kms.createKey({
          Description: `watertight ${context.purpose} key, version ${String(context.version)}`,
          KeySpec: 'SYMMETRIC_DEFAULT',
          Tags: Object.entries(bound).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        }),
      )
      return given(KeyMetadata?.Arn)
    },
    async wrap(reference, context, dataKey) {
      const EncryptionContext = contextOf(context)
      const input = { KeyId: reference, Plaintext: dataKey, EncryptionContext }
      return given((await answered(kms.encrypt(input))).CiphertextBlob)
    },
    async unwrap(reference, context, wrapped) {
      const EncryptionContext = contextOf(context)
      const input = { KeyId: reference, CiphertextBlob: wrapped, EncryptionContext }
      return given((await answered(kms.decrypt(input))).Plaintext)
    },
    async disable(reference) {
      await answered(kms.disableKey({ KeyId: reference }))
      return reference
    },
    async enable(reference) {
      await answered(kms.enableKey({ KeyId: reference }))
      return reference
    },
    async destroy(reference) {
      const PendingWindowInDays = deletionWindowDays
      await answered(kms.scheduleKeyDeletion({ KeyId: reference, PendingWindowInDays }))
      return reference
    },
  }
}
