import { randomBytes } from 'node:crypto'
import { WatertightError } from 'watertight/errors'
import { awsKeys } from './aws-keys.js'
import type { KeySetup } from './key-setup.js'
import { localKeys } from './key-setup.js'

const settings = {
  local: 'PLATFORM_KEY_ENCRYPTION_KEY',
  awsRegion: 'PLATFORM_AWS_KMS_REGION',
  awsEndpoint: 'PLATFORM_AWS_KMS_ENDPOINT',
} as const

/**
 * Who holds tenants' keys, by the environment: AWS KMS makes new keys where its region is given, and
 * local keys stay readable beside it. Undefined when nothing is set.
 *
 * @throws INVALID_INPUT when the key encryption key is not 32 bytes as base64url.
 */
export function readKeySetup(
  variables: Readonly<Record<string, string | undefined>>,
): KeySetup | undefined {
  const local = variables[settings.local]
  const region = variables[settings.awsRegion]
  const endpoint = variables[settings.awsEndpoint]
  const locals = local ? [localKeysOf(local)] : []
  const clouds = region ? [awsKeys({ region, ...(endpoint && { endpoint }) })] : []
  const [first, ...others] = [...clouds, ...locals]
  return first === undefined ? undefined : { providers: [first, ...others] }
}

function localKeysOf(text: string): ReturnType<typeof localKeys> {
  try {
    return localKeys(text)
  } catch (error) {
    throw new WatertightError('INVALID_INPUT', `${settings.local} is not 32 bytes as base64url`, {
      object: settings.local,
      hint: 'Make one: openssl rand 32 | basenc --base64url',
      cause: error,
    })
  }
}

/** Local keys under a fresh key: what they seal opens as long as this process runs. */
export function keysOfThisRun(onProgress: (line: string) => void, isEphemeral: boolean): KeySetup {
  if (!isEphemeral) {
    onProgress(
      `sealing secrets under a key of this run only: set ${settings.local} to open them later`,
    )
  }
  return { providers: [localKeys(randomBytes(32).toString('base64url'))] }
}
