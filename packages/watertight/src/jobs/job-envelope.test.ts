import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openJob, sealJob } from 'watertight/jobs'
import type { JobEnvelope, OpenJobOptions } from 'watertight/jobs'
import {
  formatSigningKey,
  generateSigningKey,
  parseTenantContext,
  signContext,
} from 'watertight/runtime'
import { acme, globex, member } from '../../../../test/runtime-harness.js'

const key = generateSigningKey('k1')
const payload = { invoice: 7, note: 'über ünïcode', nested: { b: [1, 2.5, null], a: true } }
const job = { queue: 'invoices', payload }
const keyTypes = { tenant: 'text', user: 'text', orgUnit: 'text' } as const
const seconds = (): number => Math.floor(Date.now() / 1000)

function open(
  envelope: unknown,
  options: Partial<OpenJobOptions> = {},
): ReturnType<typeof openJob> {
  return openJob(envelope, { keys: key, queue: 'invoices', keyTypes, ...options })
}

/** Why an envelope is refused; fails when the error tells more than that. */
function refusalOf(envelope: unknown, options?: Partial<OpenJobOptions>): string {
  let refusal: unknown = new Error('it was opened')
  try {
    open(envelope, options)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toMatchObject({ code: 'INVALID_JOB' })
  expect(inspect(refusal, { depth: 9, showHidden: true })).not.toMatch(/acme|globex|wtjob1/)
  return (refusal as Error).message
}

/** The claims of an envelope changed, its signature kept. */
function altered(envelope: JobEnvelope, change: object): object {
  const [version, kid, encoded = '', mac] = envelope.watertight.split('.')
  const claims = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as object
  const forged = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')
  return { ...envelope, watertight: `${version}.${kid}.${forged}.${mac}` }
}

describe('a sealed job', () => {
  it('carries tenant, user, org scope and capabilities to a worker with a fresh expiry', () => {
    const context = member('acme', {
      userId: '0195b4f0-5b5c-7000-8000-000000000001',
      orgScope: 'subtree',
      orgUnitId: '0195b4f0-5b5c-7000-8000-000000000002',
      capabilities: ['invoices:send'],
      expiresAt: seconds() + 10,
    })
    const opened = open(sealJob(context, job, key), { keyTypes: { tenant: 'text' } })
    const { tenantId, userId, orgScope, orgUnitId, capabilities } = context
    expect(opened.context).toMatchObject({
      mode: 'worker',
      tenantId,
      userId,
      orgScope,
      orgUnitId,
      capabilities,
    })
    expect(opened.context.expiresAt - seconds()).toBeGreaterThan(298)
    expect(opened).toMatchObject({ queue: 'invoices', name: null, payload })
  })

  it('opens again when it is delivered again, as the same job', () => {
    const envelope = sealJob(acme, job, key)
    const [first, second] = [open(envelope), open(envelope)]
    expect(second.id).toBe(first.id)
    expect(open(sealJob(acme, job, key)).id).not.toBe(first.id)
  })

  it('can seal further jobs of the same tenant', () => {
    const { context } = open(sealJob(acme, job, key))
    expect(open(sealJob(context, job, key)).context.tenantId).toBe('acme')
  })

  it('survives queues that decode, reorder and encode again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const envelope = sealJob(acme, { queue: 'invoices', payload: value }, key)
        const stored = JSON.stringify(reversed(JSON.parse(JSON.stringify(envelope))))
        const { payload: found } = open(JSON.parse(stored))
        expect(JSON.stringify(found)).toBeDefined()
      }),
      { seed: 20_261_122, numRuns: 200 },
    )
  })

  it('keeps its meaning when a payload has dates and undefined in it', () => {
    const envelope = sealJob(
      acme,
      { queue: 'invoices', payload: { at: new Date(0), no: undefined } },
      key,
    )
    const stored: unknown = JSON.parse(JSON.stringify(envelope))
    expect(open(stored).payload).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('opens with every key while keys rotate, and with none after', () => {
    const next = generateSigningKey('k2')
    const envelope = sealJob(acme, job, key)
    expect(open(envelope, { keys: [next, key] }).context.tenantId).toBe('acme')
    expect(open(envelope, { keys: () => [key] }).context.tenantId).toBe('acme')
    expect(refusalOf(envelope, { keys: next })).toMatch(/signature/)
  })
})

describe('an envelope is refused', () => {
  const envelope = sealJob(acme, job, key)

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'job'],
    ['the bare payload', payload],
    ['an envelope without a signature', { payload }],
    ['an envelope whose signature is no text', { watertight: { toString: () => 'x' }, payload }],
  ])('when it is missing: %s', (_name, data) => {
    expect(refusalOf(data)).toMatch(/there is none/)
  })

  it.each<[string, object]>([
    ['tenant', { tenantId: 'globex' }],
    ['user', { userId: 'admin' }],
    ['org scope', { orgScope: 'all' }],
    ['capabilities', { capabilities: ['admin'] }],
    ['queue', { queue: 'payments' }],
    ['expiry', { expiresAt: seconds() + 9_999_999 }],
    ['payload hash', { payloadHash: 'x' }],
  ])('when its %s was changed', (_name, change) => {
    expect(refusalOf(altered(envelope, change))).toMatch(/signature/)
  })

  it('when any character of its token was changed', () => {
    const { watertight } = envelope
    for (let index = 0; index < watertight.length; index += 1) {
      const other = watertight[index] === 'A' ? 'B' : 'A'
      const token = watertight.slice(0, index) + other + watertight.slice(index + 1)
      expect(refusalOf({ watertight: token, payload })).toMatch(/signature/)
    }
    expect(refusalOf({ watertight: `${watertight}A`, payload })).toMatch(/signature/)
    expect(refusalOf({ watertight: `${watertight}\n`, payload })).toMatch(/signature/)
  })

  it('when its MAC is written otherwise, by the bits that base64url leaves over', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const { watertight } = envelope
    for (const last of alphabet) {
      const token = watertight.slice(0, -1) + last
      if (token === watertight) continue
      expect(refusalOf({ watertight: token, payload })).toMatch(/signature/)
    }
  })

  it('when the payload is another, also that of another tenant', () => {
    const foreign = sealJob(globex, { queue: 'invoices', payload: { invoice: 8 } }, key)
    expect(refusalOf({ ...envelope, payload: foreign.payload })).toMatch(/payload/)
    expect(refusalOf({ ...envelope, payload: { ...payload, invoice: '7' } })).toMatch(/payload/)
    expect(refusalOf({ ...envelope, payload: { ...payload, extra: null } })).toMatch(/payload/)
    expect(refusalOf({ watertight: envelope.watertight })).toMatch(/payload/)
  })

  it('when it comes out of another queue or under another name', () => {
    expect(refusalOf(envelope, { queue: 'payments' })).toMatch(/another queue/)
    expect(refusalOf(envelope, { name: 'send' })).toMatch(/another name/)
    const named = sealJob(acme, { ...job, name: 'send' }, key)
    expect(open(named, { name: 'send' }).name).toBe('send')
    expect(refusalOf(named)).toMatch(/another name/)
    expect(refusalOf(named, { name: 'delete' })).toMatch(/another name/)
  })

  it('when it has expired, or is from the future', () => {
    const now = Date.now()
    const short = sealJob(acme, { ...job, lifetimeSeconds: 60 }, key, () => now)
    expect(open(short, { now: () => now + 59_000 }).context.tenantId).toBe('acme')
    expect(refusalOf(short, { now: () => now + 61_000 })).toMatch(/expired/)
    expect(refusalOf(short, { now: () => now - 60_000 })).toMatch(/future/)
  })

  it('when a foreign key signed it under our name', () => {
    const foreign = generateSigningKey('k1')
    expect(refusalOf(sealJob(acme, job, foreign))).toMatch(/signature/)
  })

  it('when its payload is nested so deeply that nobody made it', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    expect(refusalOf({ ...envelope, payload: deep })).toMatch(/payload/)
  })
})

describe('keys are for one purpose', () => {
  it('a token for the database is no envelope, under any prefix', () => {
    const token = signContext(acme, key)
    expect(refusalOf({ watertight: token, payload })).toMatch(/signature/)
    const [, kid, ...rest] = token.split('.')
    expect(refusalOf({ watertight: `wtjob1.${kid}.${rest.join('.')}`, payload })).toMatch(
      /signature/,
    )
  })

  it('a MAC by the key of the database does not sign an envelope', () => {
    const envelope = sealJob(acme, job, key)
    const signed = envelope.watertight.split('.').slice(0, 3).join('.')
    // What an envelope would be without a key of its own.
    const mac = createHmac('sha256', key.secret).update(signed, 'latin1').digest('base64url')
    expect(refusalOf({ watertight: `${signed}.${mac}`, payload })).toMatch(/signature/)
  })
})

describe('sealing is refused', () => {
  it('without a context, and for modes that have no jobs', () => {
    const parse = (input: object): ReturnType<typeof parseTenantContext> =>
      parseTenantContext(input, { keyTypes: { tenant: 'text', user: 'text' } })
    const grant = { tenantId: 'acme', userId: 'u1', accessGrantId: 'g1' }
    for (const context of [
      parse({ mode: 'public' }),
      parse({ mode: 'member', tenantId: null, userId: 'u1' }),
      parse({ mode: 'worker', tenantId: null }),
      parse({ mode: 'auditor', ...grant }),
      parse({ mode: 'platform', ...grant }),
      { ...acme },
    ]) {
      expect(() => sealJob(context, job, key)).toThrow(
        expect.objectContaining({ code: 'INVALID_CONTEXT' }),
      )
    }
    expect(() => sealJob(undefined as never, job, key)).toThrow(
      expect.objectContaining({ code: 'CONTEXT_REQUIRED' }),
    )
    expect(() => sealJob(member('acme', { expiresAt: 1 }), job, key)).toThrow(
      expect.objectContaining({ code: 'CONTEXT_EXPIRED' }),
    )
  })

  it.each<[string, object]>([
    ['no queue', { queue: '' }],
    ['a payload that is no JSON', { payload: undefined }],
    ['a payload with a bigint', { payload: 1n }],
    ['a lifetime without end', { lifetimeSeconds: Number.POSITIVE_INFINITY }],
  ])('with %s', (_name, change) => {
    const bad = { ...job, ...change }
    expect(() => sealJob(acme, bad, key)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })

  it('and no error shows the key', () => {
    const short = { kid: 'k1', secret: Buffer.from('too short a secret') }
    expect(() => sealJob(acme, job, short)).toThrow(
      expect.objectContaining({ code: 'INVALID_SIGNING_KEY' }),
    )
    const text = JSON.stringify(sealJob(acme, job, key))
    expect(text).not.toContain(formatSigningKey(key).split(':')[1])
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([name, item]) => [name, reversed(item)]))
}
