import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { localKeys } from '../keys/key-setup.js'
import { readServerSetup } from '../serve/read-server-setup.js'
import type { ServedPlatform } from '../serve/serve-platform.js'
import { servePlatform } from '../serve/serve-platform.js'

const template = `<!doctype html>
<meta name="style-nonce" content="__STYLE_NONCE__" />
<meta name="sign-in-issuer" content="__SIGN_IN_ISSUER__" />
<meta name="sign-in-client" content="__SIGN_IN_CLIENT__" />
<script type="module" src="/assets/main-1.js"></script>
`

let database: PlatformDatabase
let folder: string
let served: ServedPlatform
beforeAll(async () => {
  database = await createPlatformDatabase()
  folder = await mkdtemp(join(tmpdir(), 'console-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), template)
  await writeFile(join(folder, 'manifest.json'), '{}')
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" />')
  await writeFile(join(folder, 'assets/main-1.js'), 'export {}')
  await writeFile(join(folder, 'assets/main-1.js.br'), brotliCompressSync('export {}'))
  served = await servePlatform({
    urls: roleUrls(database),
    signingKey: database.signingKey,
    keys: { providers: [localKeys(randomBytes(32).toString('base64url'))] },
    setup: readServerSetup({
      PORT: '0',
      CONSOLE_FOLDER: folder,
      OIDC_CLIENT_ID: 'the "console" & more',
    }),
    workers: false,
    poolSize: 2,
  })
})
afterAll(async () => {
  await served.stop()
  await rm(folder, { recursive: true, force: true })
  await database.drop()
})

const get = (path: string): Promise<Response> => fetch(served.publicUrl + path)

describe('the console, served by the platform', () => {
  it.each([
    '/',
    '/callback?code=x&state=y',
    '/t/northgate-security/all/assets',
    '/g/7f0d/audit',
    '/platform',
    '/platform/tenants',
    '/public/events',
  ])('is a page under a strict policy at %s', async (path) => {
    const reply = await get(path)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
    expect(reply.headers.get('referrer-policy')).toBe('no-referrer')
    expect(reply.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    const policy = reply.headers.get('content-security-policy') ?? ''
    const parts = new Map(
      policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
    )
    expect(Object.fromEntries(parts)).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
    })
    expect(policy).not.toMatch(/unsafe|\*|https?:(?!\/\/127\.0\.0\.1)/)
  })

  it('gives each page a nonce of its own, which its policy names', async () => {
    const nonces = await Promise.all(
      ['/', '/'].map(async (path) => {
        const reply = await get(path)
        const nonce = /name="style-nonce" content="([^"]+)"/.exec(await reply.text())?.[1] ?? ''
        expect(reply.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
        return nonce
      }),
    )
    expect(nonces[0]).toMatch(/^[\w-]{22}$/)
    expect(nonces[0]).not.toBe(nonces[1])
  })

  it('tells where to sign in, as text and not as markup', async () => {
    const page = await (await get('/')).text()
    expect(page).toContain(`name="sign-in-issuer" content="${served.publicUrl}/oidc"`)
    expect(page).toContain('content="the &quot;console&quot; &amp; more"')
  })

  it('lets files be kept for good, whose names change with them', async () => {
    const reply = await get('/assets/main-1.js')
    expect(reply.status).toBe(200)
    expect(reply.headers.get('cache-control')).toMatch(/max-age=31536000, immutable/)
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await get('/favicon.svg')).headers.get('content-type')).toBe('image/svg+xml')
  })

  it('hands out the compressed form of a file to who reads it', async () => {
    const asked = async (encoding: string): Promise<readonly [string | null, string]> => {
      const reply = await fetch(`${served.publicUrl}/assets/main-1.js`, {
        headers: { 'accept-encoding': encoding },
      })
      expect(reply.headers.get('content-type')).toMatch(/javascript/)
      return [reply.headers.get('content-encoding'), await reply.text()]
    }
    expect(await asked('gzip, deflate, br')).toEqual(['br', 'export {}'])
    expect(await asked('identity')).toEqual([null, 'export {}'])
    const reply = await get('/assets/main-1.js')
    expect(reply.headers.get('vary')).toContain('accept-encoding')
  })

  it.each([
    '/nothing',
    '/tenants',
    '/manifest.json',
    '/index.html',
    '/assets/none.js',
    '/assets/..%2findex.html',
  ])('leaves %s a problem with status 404', async (path) => {
    const reply = await get(path)
    expect(reply.status).toBe(404)
    expect(reply.headers.get('content-type')).toContain('application/problem+json')
  })

  it('takes no other method at its pages', async () => {
    const reply = await fetch(`${served.publicUrl}/`, { method: 'POST' })
    expect(reply.status).toBe(404)
  })
})
