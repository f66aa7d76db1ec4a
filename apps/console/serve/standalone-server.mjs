import { readFile } from 'node:fs/promises'
import { createServer, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { extname, join, normalize } from 'node:path'
import { pipeline } from 'node:stream'
import { fileHeaders, pagePaths, preparePage } from './console-pages.mjs'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Headers of one connection, which no proxy passes on (RFC 9110, section 7.6.1). */
const ofConnection = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']

/**
 * A server that hands out the bundled console as the platform does, and passes `/api` on to it. The
 * browser speaks with the OpenID provider itself.
 *
 * @param {{ folder: string, platform: string, issuer: string, clientId: string }} options
 * @returns {Promise<import('node:http').Server>} not listening yet
 */
export async function createStandaloneServer({ folder, platform, issuer, clientId }) {
  const page = preparePage(await readFile(join(folder, 'index.html'), 'utf8'), { issuer, clientId })
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://console')
    if (pathname === '/api' || pathname.startsWith('/api/')) {
      passOn(request, response, platform)
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (pagePaths.some((path) => isAt(pathname, path))) {
      const { html, headers } = page()
      response.writeHead(200, headers).end(html)
    } else {
      void handOut(request, pathname, folder, response)
    }
  })
}

function isAt(pathname, path) {
  return path.endsWith('*') ? pathname.startsWith(path.slice(0, -1)) : pathname === path
}

/** A file of the bundle: nothing above its folder, and nothing that is not linked from its pages. */
async function handOut(request, pathname, folder, response) {
  const path = normalize(pathname)
  const isFile = path === '/favicon.svg' || /^\/assets\/[^/\\]+$/.test(path)
  const type = types[extname(path)]
  try {
    if (!isFile || type === undefined) throw new Error('no file of the console')
    const file = join(folder, path)
    const compressed = acceptsBrotli(request) ? await readIfThere(`${file}.br`) : null
    const content = compressed ?? (await readFile(file))
    const lasts = path === '/favicon.svg' ? 'max-age=86400' : 'max-age=31536000, immutable'
    response
      .writeHead(200, {
        ...fileHeaders,
        'content-type': type,
        'cache-control': `public, ${lasts}`,
        vary: 'accept-encoding',
        ...(compressed !== null && { 'content-encoding': 'br' }),
      })
      .end(content)
  } catch {
    response.writeHead(404, { ...fileHeaders, 'content-type': 'text/plain' }).end('Not found\n')
  }
}

function acceptsBrotli({ headers }) {
  return /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}

async function readIfThere(file) {
  return readFile(file).catch(() => null)
}

function passOn(request, response, platform) {
  const target = new URL(request.url ?? '/', platform)
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const headers = withoutConnection(request.headers)
  const outgoing = send(
    target,
    { method: request.method, headers: { ...headers, host: target.host } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers))
      pipeline(answer, response, () => undefined)
    },
  )
  outgoing.once('error', () => {
    if (response.headersSent) return response.destroy()
    const problem = { status: 502, code: 'UNREACHABLE', title: 'The platform cannot be reached' }
    response.writeHead(502, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  })
  pipeline(request, outgoing, () => undefined)
}

function withoutConnection(headers) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofConnection.includes(name)),
  )
}
