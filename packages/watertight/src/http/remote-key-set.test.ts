import type { RequestListener } from 'node:http'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IdentityProvider, IssuedKey } from '../../test/identity-provider.js'
import { audience, issuedKey, issuer, startIdentityProvider } from '../../test/identity-provider.js'
import { RemoteKeySet } from './remote-key-set.js'
import { createTokenVerifier } from './token-verifier.js'

let provider: IdentityProvider
let next: IssuedKey
let now: number

beforeAll(async () => {
  provider = await startIdentityProvider()
  next = await issuedKey('key-2')
})
afterAll(() => provider.close())
beforeEach(() => {
  provider.publish([provider.key.publicJwk])
  provider.answer(null)
  now = 1_000_000
})

const header = { alg: 'ES256', kid: 'key-1' }
const rotated = { alg: 'ES256', kid: 'key-2' }
const token = { payload: '', signature: '' }
const failing: RequestListener = (_request, response) => {
  response.statusCode = 500
  response.end('secret detail of the issuer')
}

function keySet(options = {}): RemoteKeySet {
  const url = new URL(`${provider.jwksUrl}?api_key=hidden`)
  return new RemoteKeySet(url, options, () => now)
}

async function fetchesOf(action: () => Promise<unknown>): Promise<number> {
  const before = provider.fetches
  await action()
  return provider.fetches - before
}

function expectUnavailable(set: RemoteKeySet, wanted = header): Promise<unknown> {
  return set.resolve(wanted, token).then(
    () => expect.unreachable('a key was found'),
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hidden|secret detail/)
    },
  )
}

describe('a remote key set', () => {
  it('is fetched once for all who wait, and kept until it is old', async () => {
    const set = keySet()
    const all = Array.from({ length: 50 }, () => set.resolve(header, token))
    expect(await fetchesOf(() => Promise.all(all))).toBe(1)
    now += 599_000
    expect(await fetchesOf(() => set.resolve(header, token))).toBe(0)
    now += 2000
    expect(await fetchesOf(() => set.resolve(header, token))).toBe(1)
  })

  it('is fetched again for a key it does not hold: rotation without a restart', async () => {
    const set = keySet()
    await set.resolve(header, token)
    provider.publish([provider.key.publicJwk, next.publicJwk])
    now += 31_000
    expect(await fetchesOf(() => set.resolve(rotated, token))).toBe(1)
    expect(await fetchesOf(() => set.resolve(header, token))).toBe(0)
  })

  it('forgets a key that the issuer took out', async () => {
    const set = keySet()
    await set.resolve(header, token)
    provider.publish([next.publicJwk])
    now += 601_000
    await expect(set.resolve(header, token)).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
  })

  it('is fetched at most once per cooldown, however many unknown keys are named', async () => {
    const set = keySet()
    await set.resolve(header, token)
    const flood = async (): Promise<void> => {
      for (let index = 0; index < 200; index += 1) {
        const kid = `unknown-${index}`
        await expect(set.resolve({ alg: 'ES256', kid }, token)).rejects.toThrow(/no applicable key/)
      }
    }
    expect(await fetchesOf(flood)).toBe(0)
    now += 31_000
    expect(await fetchesOf(flood)).toBe(1)
  })
})

describe('an outage of the key server', () => {
  it.each<[string, RequestListener]>([
    ['that answers with an error', failing],
    ['that closes the connection', (request) => void request.socket.destroy()],
    ['that never answers', () => undefined],
    [
      'that stops in the middle of its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('{"keys":[')
      },
    ],
    ['that answers with garbage', (_request, response) => void response.end('<html>')],
    [
      'that answers with another document',
      (_request, response) => void response.end('{"keys":{}}'),
    ],
    ['that answers with null', (_request, response) => void response.end('null')],
    [
      'that answers without end',
      (_request, response) => {
        const block = 'x'.repeat(65_536)
        const more = (): void => {
          while (!response.destroyed && response.write(block));
          response.once('drain', more)
        }
        more()
      },
    ],
    [
      'that redirects elsewhere',
      (_request, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:1/other' })
        response.end()
      },
    ],
  ])('%s is told from a bad token, and passes', async (_name, listener) => {
    const set = keySet({ timeoutMs: 250 })
    provider.answer(listener)
    await expectUnavailable(set)
    // A moment later nobody waits for another attempt.
    expect(await fetchesOf(() => expectUnavailable(set))).toBe(0)
    provider.answer(null)
    const recovered = async (): Promise<boolean> => {
      now += 2001
      return set.resolve(header, token).then(
        () => true,
        () => false,
      )
    }
    await expect.poll(recovered, { timeout: 20_000 }).toBe(true)
  })

  it('leaves known keys in use for a bounded time, and says of unknown ones that it cannot tell', async () => {
    const set = keySet({ staleIfError: 1000 })
    await set.resolve(header, token)
    provider.answer(failing)
    now += 601_000
    await expect(set.resolve(header, token)).resolves.toBeDefined()
    await expectUnavailable(set, rotated)
    now += 998_000
    await expect(set.resolve(header, token)).resolves.toBeDefined()
    now += 2000
    await expectUnavailable(set)
    provider.answer(null)
    now += 2001
    await expect(set.resolve(header, token)).resolves.toBeDefined()
  })

  it('does not turn a bad token into an outage while the keys are known', async () => {
    const jwks = provider.jwksUrl
    const verifier = createTokenVerifier({ issuer, audience, jwks })
    await verifier.verify(await provider.token())
    provider.answer(failing)
    await expect(verifier.verify(await provider.token({ exp: 1 }))).rejects.toMatchObject({
      code: 'INVALID_TOKEN',
    })
    await expect(verifier.verify(await provider.token())).resolves.toBeDefined()
  })

  it('reaches whoever verifies as an outage', async () => {
    provider.answer(failing)
    const verifier = createTokenVerifier({ issuer, audience, jwks: provider.jwksUrl })
    await expect(verifier.verify(await provider.token())).rejects.toMatchObject({
      code: 'KEYS_UNAVAILABLE',
    })
    // What is no token at all needs no keys to be refused.
    await expect(verifier.verify('a.b.c')).rejects.toMatchObject({ code: 'INVALID_TOKEN' })
  })
})
