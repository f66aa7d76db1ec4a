import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStandaloneServer } from '../../serve/standalone-server.mjs'

let folder: string
let platform: Server
let standalone: Server
let origin: string
const asked: { url: string | undefined; expected: unknown; body: string }[] = []

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<meta content="__SIGN_IN_ISSUER__" />')
  await writeFile(join(folder, 'secret.js'), 'never')
  await writeFile(join(folder, 'assets/main-1.js'), 'export {}')
  await writeFile(join(folder, 'assets/main-1.js.br'), brotliCompressSync('export {}'))
  platform = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url, headers } = request
      const body = Buffer.concat(chunks).toString()
      asked.push({ url, expected: headers['watertight-expect-tenant'], body })
      response.writeHead(201, { 'watertight-tenant': 'a', 'content-type': 'application/json' })
      response.end('{"made":true}')
    })
  })
  const url = await listen(platform)
  standalone = await createStandaloneServer({
    folder,
    platform: url,
    issuer: 'https://login.example/realm',
    clientId: 'console',
  })
  origin = await listen(standalone)
})
afterAll(async () => {
  for (const server of [standalone, platform]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

it.each([
  ['gzip, br', 'br'],
  ['gzip', null],
  ['br;q=0', null],
])('hands a file out to who accepts %s as %s', async (accepted, encoding) => {
  const reply = await fetch(`${origin}/assets/main-1.js`, {
    headers: { 'accept-encoding': accepted },
  })
  expect(reply.headers.get('content-encoding')).toBe(encoding)
  expect(reply.headers.get('vary')).toBe('accept-encoding')
  expect(await reply.text()).toBe('export {}')
})

it('hands out pages under the policy of the platform, with the issuer that it was told', async () => {
  const reply = await fetch(`${origin}/t/northgate-security/all/assets`)
  expect(await reply.text()).toContain('https://login.example/realm')
  const policy = reply.headers.get('content-security-policy')
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("connect-src 'self' https://login.example;")
})

it('passes the API on with what names the tenant, both ways', async () => {
  const reply = await fetch(`${origin}/api/v1/assets?x=1`, {
    method: 'POST',
    headers: { 'watertight-expect-tenant': 'a' },
    body: 'a body',
  })
  expect(reply.status).toBe(201)
  expect(reply.headers.get('watertight-tenant')).toBe('a')
  expect(await reply.json()).toEqual({ made: true })
  expect(asked).toEqual([{ url: '/api/v1/assets?x=1', expected: 'a', body: 'a body' }])
})

it.each([
  '/assets/..%2fsecret.js',
  '/secret.js',
  '/assets/../secret.js',
  '/nothing',
  '/index.html',
])('has nothing at %s', async (path) => {
  expect((await fetch(origin + path)).status).toBe(404)
})

it('says so when the platform cannot be reached', async () => {
  const alone = await createStandaloneServer({
    folder,
    platform: 'http://127.0.0.1:1',
    issuer: 'https://login.example',
    clientId: 'console',
  })
  const reply = await fetch(`${await listen(alone)}/api/v1/session`)
  expect(reply.status).toBe(502)
  expect(await reply.json()).toMatchObject({ code: 'UNREACHABLE' })
  alone.closeAllConnections()
  alone.close()
})
