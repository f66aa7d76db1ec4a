import { WatertightError } from '../errors/index.js'
import { refusedToken } from './token-errors.js'

/** Characters of a token (RFC 6750, section 2.1). */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/

/** Longest scheme with the space after it. */
const schemeLength = 64

/**
 * The token of `Authorization: Bearer <token>`, given every value of that header.
 *
 * @throws UNAUTHENTICATED when there is none, or one of another scheme; INVALID_TOKEN when there
 * are several, or one that is malformed or longer than `maxTokenBytes`.
 */
export function bearerToken(values: readonly string[], maxTokenBytes: number): string {
  const [value, ...others] = values
  if (value === undefined) throw unauthenticated()
  // SECURITY: two of them could be read differently by a gateway in front of this process.
  if (others.length > 0) throw refusedToken('there are several Authorization headers')
  if (value.length > maxTokenBytes + schemeLength) {
    throw refusedToken(`it is longer than ${maxTokenBytes} bytes`)
  }
  const [scheme = '', token = '', ...rest] = value.split(' ').filter((part) => part !== '')
  if (scheme.toLowerCase() !== 'bearer') throw unauthenticated()
  if (rest.length > 0 || !token68.test(token)) throw refusedToken('it is malformed')
  return token
}

/** The values of the Authorization header of a Node.js request, repeated ones included. */
export function authorizationOf(request: {
  readonly rawHeaders?: readonly string[]
  readonly headers: { readonly authorization?: string | undefined }
}): readonly string[] {
  // `headers` keeps the first of several; only `rawHeaders` shows that there were more.
  const { rawHeaders = [] } = request
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  )
  const { authorization } = request.headers
  return values.length === 0 && authorization !== undefined ? [authorization] : values
}

function unauthenticated(): WatertightError {
  return new WatertightError('UNAUTHENTICATED', 'the request carries no bearer token', {
    hint: 'Send the header Authorization: Bearer <token>.',
  })
}
