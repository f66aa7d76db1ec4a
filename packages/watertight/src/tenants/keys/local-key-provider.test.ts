import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { describeKeyProvider } from '../../../test/key-provider-contract.js'
import { localKeyProvider } from './local-key-provider.js'

const master = randomBytes(32)
const context = { tenantId: 't1', purpose: 'credentials', version: 1 }

describeKeyProvider('local', async () => localKeyProvider(master))

it('opens nothing with another key encryption key', async () => {
  const provider = localKeyProvider(master)
  const reference = await provider.create(context)
  const wrapped = await provider.wrap(reference, context, randomBytes(32))
  const attempt = localKeyProvider(randomBytes(32)).unwrap(reference, context, wrapped)
  await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
})

it('is not enabled again by who can only write the reference', async () => {
  const provider = localKeyProvider(master)
  const reference = await provider.create(context)
  const wrapped = await provider.wrap(reference, context, randomBytes(32))
  const disabled = await provider.disable(reference, context)
  const forged = disabled.replace(':disabled:', ':enabled:')
  const attempt = provider.unwrap(forged, context, wrapped)
  await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
})

it('keeps nothing of a destroyed key', async () => {
  const provider = localKeyProvider(master)
  expect(await provider.destroy(await provider.create(context), context)).toBe('local:destroyed')
})

it.each([0, 16, 31, 33])('refuses a key encryption key of %i bytes', (length) => {
  expect(() => localKeyProvider(new Uint8Array(length))).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  )
})
