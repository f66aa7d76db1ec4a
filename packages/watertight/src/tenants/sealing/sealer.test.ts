import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { localKeyProvider } from '../keys/local-key-provider.js'
import type { KeyProvider } from '../keys/key-provider.js'
import type { KeyRecord, KeyRecords } from '../keys/key-records.js'
import type { KeyState } from '../keys/key-state.js'
import { formatEnvelope, parseEnvelope, sealedWith } from './envelope.js'
import { resealBatch } from './reseal.js'
import { createSealer } from './sealer.js'
import type { Refusal, SealedPlace, Sealer } from './sealer.js'

const place: SealedPlace = {
  tenantId: 't1',
  purpose: 'credentials',
  table: 'sec.integration_credentials',
  column: 'secret_ciphertext',
  row: 'r1',
}
const secret = Buffer.from('whsec_5f0c')

let versions: KeyRecord[]
let calls: string[]
let refusals: Refusal[]
let clock: number
let provider: KeyProvider
let sealer: Sealer

/** Every tenant and purpose has the same records here; what differs is bound by the seal alone. */
const records: KeyRecords = { find: async () => versions }

beforeEach(async () => {
  const local = localKeyProvider(randomBytes(32))
  calls = []
  provider = {
    ...local,
    wrap: (...given) => {
      calls.push('wrap')
      return local.wrap(...given)
    },
    unwrap: (...given) => {
      calls.push('unwrap')
      return local.unwrap(...given)
    },
  }
  clock = 1_000_000
  refusals = []
  sealer = createSealer({
    providers: [provider],
    cache: { maxAge: 1000, maxEntries: 2, maxUses: 3, now: () => clock },
    onRefused: (refusal) => refusals.push(refusal),
  })
  versions = [await newVersion(1)]
})

async function newVersion(version: number): Promise<KeyRecord> {
  const { tenantId, purpose } = place
  const reference = await provider.create({ tenantId, purpose, version })
  return { version, state: 'active', provider: 'local', reference }
}

function setState(version: number, state: KeyState): void {
  versions = versions.map((each) => (each.version === version ? { ...each, state } : each))
}

async function rotate(): Promise<void> {
  const { version } = versions.at(-1) ?? { version: 0 }
  setState(version, 'rotating')
  versions = [...versions, await newVersion(version + 1)]
}

describe('a sealed value', () => {
  it('opens where it was sealed', async () => {
    const { bytes, keyVersion } = await sealer.seal(records, place, secret)
    expect(keyVersion).toBe(1)
    expect(sealedWith(bytes)).toBe(1)
    expect(Buffer.from(bytes).includes(secret)).toBe(false)
    expect(await sealer.open(records, place, bytes)).toEqual(secret)
  })

  it.each<[string, Partial<SealedPlace>]>([
    ['another tenant', { tenantId: 't2' }],
    ['another purpose', { purpose: 'exports' }],
    ['another row', { row: 'r2' }],
    ['another column', { column: 'secret_hint' }],
    ['another table', { table: 'sec.exports' }],
  ])('does not open after it was copied to %s', async (_what, change) => {
    const { bytes } = await sealer.seal(records, place, secret)
    const attempt = sealer.open(records, { ...place, ...change }, bytes)
    await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
  })

  it('would open in another row if the row were not bound to it', async () => {
    const unbound = { ...place, row: '' }
    const { bytes } = await sealer.seal(records, unbound, secret)
    expect(await sealer.open(records, unbound, bytes)).toEqual(secret)
  })

  it('does not open when any bit of it differs', async () => {
    const { bytes } = await sealer.seal(records, place, secret)
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const altered = Uint8Array.from(bytes)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await expect(sealer.open(records, place, altered)).rejects.toMatchObject({
        code: expect.stringMatching(/^(SEAL_BROKEN|KEY_NOT_FOUND)$/) as string,
      })
    }
  })

  it('of arbitrary bytes is refused, or comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        const sealed = await sealer.seal(records, place, bytes)
        expect(Buffer.from(await sealer.open(records, place, sealed.bytes))).toEqual(
          Buffer.from(bytes),
        )
        expect(formatEnvelope(parseEnvelope(sealed.bytes))).toEqual(Buffer.from(sealed.bytes))
        await expect(sealer.open(records, place, bytes)).rejects.toMatchObject({
          code: 'SEAL_BROKEN',
        })
      }),
      { seed: 5, numRuns: 100 },
    )
  })

  it('is never sealed with the same nonce twice', async () => {
    const nonces = new Set<string>()
    for (let count = 0; count < 200; count += 1) {
      const { bytes } = await sealer.seal(records, place, secret)
      nonces.add(Buffer.from(parseEnvelope(bytes).nonce).toString('hex'))
    }
    expect(nonces.size).toBe(200)
  })
})

describe('a key', () => {
  it.each<[KeyState, string]>([
    ['disabled', 'KEY_DISABLED'],
    ['destroyed', 'KEY_DESTROYED'],
  ])('that is %s fails closed at once, though its data key is cached', async (state, code) => {
    const { bytes } = await sealer.seal(records, place, secret)
    await sealer.open(records, place, bytes)
    setState(1, state)
    await expect(sealer.open(records, place, bytes)).rejects.toMatchObject({ code })
    await expect(sealer.seal(records, place, secret)).rejects.toMatchObject({ code })
    expect(refusals).toEqual([
      { operation: 'open', place, keyVersion: 1, code },
      { operation: 'seal', place, keyVersion: 1, code },
    ])
  })

  it('that is enabled again opens what it sealed', async () => {
    const { bytes } = await sealer.seal(records, place, secret)
    setState(1, 'disabled')
    await expect(sealer.open(records, place, bytes)).rejects.toThrow()
    setState(1, 'rotating')
    expect(await sealer.open(records, place, bytes)).toEqual(secret)
  })

  it('that is not there is refused, and so is a provider that is not configured', async () => {
    const { bytes } = await sealer.seal(records, place, secret)
    versions = versions.map((each) => ({ ...each, provider: 'vault' }))
    await expect(sealer.open(records, place, bytes)).rejects.toMatchObject({
      code: 'KEY_PROVIDER_FAILED',
    })
    versions = []
    await expect(sealer.open(records, place, bytes)).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    })
    await expect(sealer.seal(records, place, secret)).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    })
  })

  it('that was replaced opens what it sealed until that is sealed anew', async () => {
    const rows = new Map<string, Uint8Array>()
    for (const row of ['a', 'b', 'c']) {
      rows.set(row, (await sealer.seal(records, { ...place, row }, Buffer.from(row))).bytes)
    }
    await rotate()
    const stored = {
      outdated: async (version: number, limit: number) =>
        [...rows]
          .filter(([, bytes]) => sealedWith(bytes) !== version)
          .slice(0, limit)
          .map(([row, bytes]) => ({ place: { ...place, row }, bytes })),
      replace: async (each: { place: SealedPlace }, { bytes }: { bytes: Uint8Array }) => {
        rows.set(each.place.row, bytes)
      },
    }
    const batch = { tenantId: 't1', purpose: 'credentials', limit: 2 }
    expect(await resealBatch(sealer, records, stored, batch)).toBe(2)
    expect([...rows.values()].map(sealedWith).toSorted()).toEqual([1, 2, 2])
    expect(await resealBatch(sealer, records, stored, batch)).toBe(1)
    expect(await resealBatch(sealer, records, stored, batch)).toBe(0)
    setState(1, 'destroyed')
    for (const [row, bytes] of rows) {
      expect(await sealer.open(records, { ...place, row }, bytes)).toEqual(Buffer.from(row))
    }
  })
})

describe('data keys', () => {
  it('are asked of the provider once while they are kept', async () => {
    const { bytes } = await sealer.seal(records, place, secret)
    await sealer.seal(records, place, secret)
    await sealer.open(records, place, bytes)
    await sealer.open(records, place, bytes)
    expect(calls).toEqual(['wrap', 'unwrap'])
  })

  it.each<[string, () => void]>([
    ['they have expired', () => (clock += 1000)],
    ['the key has a new reference', () => (versions = [...versions].map(withNote))],
  ])('are asked for again when %s', async (_what, change) => {
    await sealer.seal(records, place, secret)
    change()
    await sealer.seal(records, place, secret).catch(() => undefined)
    expect(calls).toEqual(['wrap', 'wrap'])
  })

  it('seal no more than so many values each', async () => {
    for (let count = 0; count < 7; count += 1) await sealer.seal(records, place, secret)
    expect(calls).toHaveLength(3)
  })
})

function withNote(record: KeyRecord): KeyRecord {
  return { ...record, reference: `${record.reference}A` }
}
