import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** What the console is told of its surroundings. */
export interface ConsoleOptions {
  /** The bundled console: `index.html` and `assets`. */
  readonly folder: string
  /** Where people sign in, to the letter of its `iss`. */
  readonly issuer: string
  readonly clientId: string
}

/** Paths that are pages of the console; what is below `/assets` is a file. */
const pages = ['/', '/callback', '/t/*', '/g/*', '/platform', '/platform/*', '/public', '/public/*']

/**
 * Hands out the console. Each page has a fresh nonce for the style sheets of its components; scripts
 * come from files of this origin alone (Content Security Policy Level 3, Trusted Types).
 */
export async function serveConsole(
  app: FastifyInstance,
  { folder, issuer, clientId }: ConsoleOptions,
): Promise<void> {
  const template = await readFile(join(folder, 'index.html'), 'utf8')
  const page = template
    .replace('__SIGN_IN_ISSUER__', () => attribute(issuer))
    .replace('__SIGN_IN_CLIENT__', () => attribute(clientId))
  const providerOrigin = new URL(issuer).origin
  await app.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('x-content-type-options', 'nosniff')
      reply.header('referrer-policy', 'no-referrer')
      reply.header('cross-origin-opener-policy', 'same-origin')
      reply.header('cross-origin-resource-policy', 'same-origin')
    })
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      // Their names carry a digest of what is in them.
      immutable: true,
      maxAge: '365d',
    })
    scope.get('/favicon.svg', async (_request, reply) =>
      reply.sendFile('favicon.svg', folder, { maxAge: '1d' }),
    )
    for (const url of pages) {
      scope.get(url, async (_request, reply) => {
        const nonce = randomBytes(16).toString('base64url')
        return reply
          .header('content-security-policy', policyFor(nonce, providerOrigin))
          .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
          .type('text/html; charset=utf-8')
          .send(page.replace('__STYLE_NONCE__', nonce))
      })
    }
  })
}

function policyFor(nonce: string, providerOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `connect-src 'self' ${providerOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ')
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}
