import { z } from 'zod'
import { WatertightError } from 'watertight/errors'
import { isWebAddress } from './read-identity-setup.js'

const metadata = z.object({ issuer: z.string(), jwks_uri: z.string() })
const timeoutMs = 5000
const maxBytes = 256 * 1024

/**
 * Asks an OpenID issuer where its keys are (OpenID Connect Discovery 1.0, section 4). Redirects are
 * not followed, and the answer must name the issuer that was asked.
 *
 * @throws KEYS_UNAVAILABLE when it does not answer, or not as an issuer does.
 */
export async function discoverIssuer(issuer: string): Promise<{ readonly jwksUri: string }> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(address, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json' },
  }).catch(() => null)
  if (answer?.status !== 200) {
    await answer?.body?.cancel()
    throw unavailable('does not answer')
  }
  const text = await boundedText(answer)
  const parsed = metadata.safeParse(jsonOf(text))
  if (!parsed.success) throw unavailable('does not answer as an OpenID issuer')
  const { issuer: named, jwks_uri: jwksUri } = parsed.data
  if (named !== issuer) throw unavailable('names itself otherwise')
  if (!isWebAddress(jwksUri)) throw unavailable('has keys at an address that is not https')
  return { jwksUri }
}

async function boundedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes) throw unavailable('answers with too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function unavailable(fault: string): WatertightError {
  return new WatertightError('KEYS_UNAVAILABLE', `the OpenID issuer ${fault}`, {
    object: 'OIDC_ISSUER',
    hint: 'It is compared to the letter with what its discovery document says.',
  })
}
