import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeKeyProvider } from '../../../../packages/watertight/test/key-provider-contract.js'
import { startKmsServer } from '../../test/kms-server.js'
import type { KmsServer } from '../../test/kms-server.js'
import { awsKeys } from './aws-keys.js'
import { readKeySetup } from './read-key-setup.js'

const region = 'eu-central-1'
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const context = { tenantId: 't1', purpose: 'credentials', version: 1 }

let kms: KmsServer
beforeAll(async () => {
  kms = await startKmsServer()
})
afterAll(() => kms.close())

describeKeyProvider('aws-kms, over HTTP', async () =>
  awsKeys({ region, endpoint: kms.endpoint, credentials }),
)

const realRegion = process.env['TEST_AWS_KMS_REGION']
if (realRegion === undefined) {
  process.stdout.write('aws-kms itself is not asked: TEST_AWS_KMS_REGION is not set\n')
} else {
  describeKeyProvider(`aws-kms in ${realRegion}`, async () => awsKeys({ region: realRegion }))
}

describe('keys in AWS KMS', () => {
  it('are bound to tenant, purpose and version as encryption context', async () => {
    const provider = awsKeys({ region, endpoint: kms.endpoint, credentials })
    const reference = await provider.create(context)
    expect(reference).toMatch(/^arn:aws:kms:/)
    await provider.wrap(reference, context, new Uint8Array(32))
    expect(kms.calls.at(-1)).toMatchObject({
      target: 'TrentService.Encrypt',
      body: { EncryptionContext: { tenant: 't1', purpose: 'credentials', version: '1' } },
    })
  })

  it('that cannot be asked are a failure of the provider, without its secrets', async () => {
    const gone = await startKmsServer()
    await gone.close()
    const provider = awsKeys({ region, endpoint: gone.endpoint, credentials })
    const attempt = provider.wrap('arn:aws:kms:x', context, new Uint8Array(32))
    await expect(attempt).rejects.toMatchObject({
      code: 'KEY_PROVIDER_FAILED',
      message: 'AWS KMS does not answer as it should',
    })
  })
})

describe('who holds the keys', () => {
  const local = Buffer.alloc(32, 1).toString('base64url')

  it.each<[string, Record<string, string>, readonly string[] | undefined]>([
    ['nobody', {}, undefined],
    ['the configuration', { PLATFORM_KEY_ENCRYPTION_KEY: local }, ['local']],
    ['AWS', { PLATFORM_AWS_KMS_REGION: region }, ['aws-kms']],
    [
      'AWS for new ones, the configuration for those there are',
      { PLATFORM_AWS_KMS_REGION: region, PLATFORM_KEY_ENCRYPTION_KEY: local },
      ['aws-kms', 'local'],
    ],
  ])('is %s by the environment', (_who, variables, names) => {
    expect(readKeySetup(variables)?.providers.map(({ name }) => name)).toEqual(names)
  })

  it('is refused when the key encryption key is too short', () => {
    expect(() => readKeySetup({ PLATFORM_KEY_ENCRYPTION_KEY: 'abc' })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', object: 'PLATFORM_KEY_ENCRYPTION_KEY' }),
    )
  })

  it('has to be said before anything is sealed', async () => {
    // Test files share a process: as it is in one that just started.
    vi.resetModules()
    const { configuredKeys } = await import('./key-setup.js')
    expect(() => configuredKeys()).toThrow(expect.objectContaining({ code: 'KEY_PROVIDER_FAILED' }))
  })
})
