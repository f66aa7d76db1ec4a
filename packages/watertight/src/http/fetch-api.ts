import type { Problem } from './problem.js'

/** The values of the Authorization header; `Headers` joins repeated ones, which no token matches. */
export function authorizationOfHeaders(headers: Headers): readonly string[] {
  const value = headers.get('authorization')
  return value === null ? [] : [value]
}

export function problemResponse({ status, headers, body }: Problem): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers } })
}
