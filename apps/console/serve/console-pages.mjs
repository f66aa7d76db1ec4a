import { randomBytes } from 'node:crypto'

/** Paths that are pages of the console, as Fastify writes them; what is below `/assets` is a file. */
export const pagePaths = [
  '/',
  '/callback',
  '/t/*',
  '/g/*',
  '/platform',
  '/platform/*',
  '/invitation',
  '/invitation/*',
  '/public',
  '/public/*',
]

/** Of every answer, pages and files alike. */
export const fileHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * Prepares the page: who serves it fills in where people sign in, and each answer has a fresh nonce
 * for the style sheets of its components. Scripts come from files of this origin alone (Content
 * Security Policy Level 3, Trusted Types).
 *
 * @param {string} template `index.html` of the bundled console
 * @param {{ issuer: string, clientId: string }} signIn the issuer to the letter of its `iss`
 * @returns {() => { html: string, headers: Record<string, string> }}
 */
export function preparePage(template, { issuer, clientId }) {
  const page = template
    .replace('__SIGN_IN_ISSUER__', () => attribute(issuer))
    .replace('__SIGN_IN_CLIENT__', () => attribute(clientId))
  const providerOrigin = new URL(issuer).origin
  return () => {
    const nonce = randomBytes(16).toString('base64url')
    return {
      html: page.replace('__STYLE_NONCE__', nonce),
      headers: {
        ...fileHeaders,
        'content-type': 'text/html; charset=utf-8',
        // A page of the cache would have an old nonce, and name files that are gone.
        'cache-control': 'no-store',
        'content-security-policy': policyOf(nonce, providerOrigin),
        'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      },
    }
  }
}

function policyOf(nonce, providerOrigin) {
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

function attribute(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}
