import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KeyContext, KeyProvider } from '../src/tenants/index.js'

const context: KeyContext = {
  tenantId: '7f1c9b62-0c4e-4f6f-9d52-3d9f3a0f5e11',
  purpose: 'credentials',
  version: 1,
}

const others: readonly (readonly [string, Partial<KeyContext>])[] = [
  ['another tenant', { tenantId: '7f1c9b62-0c4e-4f6f-9d52-3d9f3a0f5e12' }],
  ['another purpose', { purpose: 'exports' }],
  ['another version', { version: 2 }],
]

/** What every provider of keys has to keep. Each test makes keys of its own. */
export function describeKeyProvider(name: string, open: () => Promise<KeyProvider>): void {
  describe(`the key provider ${name}`, () => {
    let provider: KeyProvider
    beforeAll(async () => {
      provider = await open()
    })
    const dataKey = randomBytes(32)

    async function wrapped(): Promise<{ reference: string; bytes: Uint8Array }> {
      const reference = await provider.create(context)
      return { reference, bytes: await provider.wrap(reference, context, dataKey) }
    }

    it('unwraps what it wrapped, and shows nothing of it meanwhile', async () => {
      const { reference, bytes } = await wrapped()
      expect(Buffer.from(bytes).includes(dataKey)).toBe(false)
      expect(reference).not.toContain(dataKey.toString('base64url'))
      const plain = await provider.unwrap(reference, context, bytes)
      expect(Buffer.from(plain).equals(dataKey)).toBe(true)
    })

    it('wraps the same key differently each time', async () => {
      const { reference, bytes } = await wrapped()
      const again = await provider.wrap(reference, context, dataKey)
      expect(Buffer.from(again).equals(bytes)).toBe(false)
    })

    it.each(others)('does not unwrap for %s', async (_what, change) => {
      const { reference, bytes } = await wrapped()
      const attempt = provider.unwrap(reference, { ...context, ...change }, bytes)
      await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
    })

    it('does not unwrap with another key of the same tenant', async () => {
      const { bytes } = await wrapped()
      const other = await provider.create(context)
      const attempt = provider.unwrap(other, context, bytes)
      await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
    })

    it('does not unwrap what was altered or cut', async () => {
      const { reference, bytes } = await wrapped()
      const altered = Uint8Array.from(bytes)
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
      for (const bad of [altered, bytes.slice(0, -1), bytes.slice(0, 8), new Uint8Array(4)]) {
        const attempt = provider.unwrap(reference, context, bad)
        await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
      }
    })

    it('does nothing with a disabled key until it is enabled', async () => {
      const { reference, bytes } = await wrapped()
      const off = await provider.disable(reference, context)
      for (const attempt of [
        provider.unwrap(off, context, bytes),
        provider.wrap(off, context, dataKey),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'KEY_DISABLED' })
      }
      const on = await provider.enable(off, context)
      expect(Buffer.from(await provider.unwrap(on, context, bytes)).equals(dataKey)).toBe(true)
    })

    it('never unwraps with a destroyed key, and does not enable it either', async () => {
      const { reference, bytes } = await wrapped()
      const gone = await provider.destroy(reference, context)
      for (const attempt of [
        provider.unwrap(gone, context, bytes),
        provider.wrap(gone, context, dataKey),
        provider.enable(gone, context),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'KEY_DESTROYED' })
      }
    })
  })
}
