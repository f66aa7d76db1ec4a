import { afterEach, describe, expect, it, vi } from 'vitest'
import { openTransport, WrongContextError } from './transport.js'

const here = '11111111-1111-4111-8111-111111111111'
const elsewhere = '22222222-2222-4222-8222-222222222222'
const url = 'https://console.example/api/v1/assets'

function answerWith(headers: Record<string, string>, status = 200): Request[] {
  const sent: Request[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(request)
    return new Response('{"hostname":"secret"}', { status, headers })
  })
  return sent
}

function transportOf(tenantId: string | null, token: string | null = 'a token') {
  const signedOut = vi.fn<() => void>()
  const bearer = (): Promise<string | null> => Promise.resolve(token)
  return { send: openTransport({ tenantId, bearer, onSignedOut: signedOut }), signedOut }
}

afterEach(() => vi.unstubAllGlobals())

describe('the transport of a document', () => {
  it('names the tenant of the document and sends no cookie', async () => {
    const sent = answerWith({ 'watertight-tenant': here })
    await transportOf(here).send(new Request(url))
    expect(sent[0]?.headers.get('watertight-expect-tenant')).toBe(here)
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer a token')
  })

  it.each([
    ['a tenant', here],
    ['no tenant', null],
  ])('drops the answer of another tenant in a document of %s', async (_what, tenantId) => {
    answerWith({ 'watertight-tenant': elsewhere })
    await expect(transportOf(tenantId).send(new Request(url))).rejects.toThrow(WrongContextError)
    // Without the guard the same answer reaches the page.
    expect(await (await fetch(url)).text()).toContain('secret')
  })

  it('lets answers of its own tenant and of no tenant through', async () => {
    answerWith({ 'watertight-tenant': here })
    expect((await transportOf(here).send(new Request(url))).status).toBe(200)
    answerWith({})
    expect((await transportOf(null).send(new Request(url))).status).toBe(200)
  })

  it('tells that the session has ended, but not to who never had one', async () => {
    answerWith({}, 401)
    const member = transportOf(here)
    await member.send(new Request(url))
    expect(member.signedOut).toHaveBeenCalledOnce()
    const visitor = transportOf(null, null)
    await visitor.send(new Request(url))
    expect(visitor.signedOut).not.toHaveBeenCalled()
  })
})
