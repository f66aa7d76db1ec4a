import { claimsWithoutUser } from '../../graph/without-user.js'
import type { Encoding } from '../encode/encoding.js'
import { compare } from '../encode/compare.js'
import { isTrue, present } from '../encode/value.js'
import type { Obligation } from '../obligation.js'
import { or, text } from '../terms/term.js'
import { claimValue } from './context-user.js'

/**
 * Holds a role that stands for everybody to the claims of requests in which nobody has signed in: no
 * user, and the name of no other role. It is the role of the request that counts: whoever signed in as
 * another one and becomes this one keeps the claims.
 */
export function assumeNoUser(encoding: Encoding, { role }: Pick<Obligation, 'role'>): void {
  const { model, catalog } = encoding.subject
  const claims = claimsWithoutUser(model, catalog, role)
  if (claims === null) return
  const { setting, absent } = claims
  for (const pointer of absent) {
    const claim = claimValue(encoding, setting, pointer)
    if (claim !== undefined) encoding.facts.push(or(claim.isNull, claim.fails))
  }
  const named = claimValue(encoding, setting, '/role')
  if (named !== undefined) {
    const isOwn = isTrue(compare(encoding, '=', named, present('text', text(role))))
    encoding.facts.push(or(named.isNull, named.fails, isOwn))
  }
  encoding.assumptions.add(`${withoutUser}${role} carry no user: who signs in runs as another role`)
}

const withoutUser = 'requests that run as '

/** What is assumed of requests without a user, among other assumptions. */
export function isAboutNoUser(assumption: string): boolean {
  return assumption.startsWith(withoutUser)
}
