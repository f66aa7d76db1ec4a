import { KMS } from '@aws-sdk/client-kms'
import { awsKmsKeyProvider } from 'watertight/tenants'
import type { KeyProvider } from 'watertight/tenants'

export interface AwsKeySettings {
  readonly region: string
  /** Another address than AWS's own: a VPC endpoint, a test. */
  readonly endpoint?: string
  /** The SDK's own chain (environment, profile, instance role) when left out. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Keys in AWS KMS, which is asked again at most twice. */
export function awsKeys(settings: AwsKeySettings): KeyProvider {
  const { region, endpoint, credentials } = settings
  const kms = new KMS({
    region,
    maxAttempts: 3,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
  })
  return awsKmsKeyProvider(kms)
}
