import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const verifier = 'src/http/token-verifier.ts'
const tokens = 'src/http/token-verifier.test.ts'
const tenancy = 'src/http/http-tenancy.test.ts'
const express = 'src/http/express.test.ts'
const onExpress = 'tenancy behind HTTP, on Express refuses, before any handler and any statement,'

/** From the header of a request, or the envelope of a job, to a context. */
export const identityGuards: readonly Guard[] = [
  {
    name: 'a token names this audience',
    file: verifier,
    text: "audience: names('audience', options.audience),",
    without: '',
    noticedBy: testsIn(tokens, 'a token for another audience is refused'),
  },
  {
    name: 'a token is of the configured issuer',
    file: verifier,
    text: "...(typeof issuer !== 'function' && { issuer: names('issuer', issuer) }),",
    without: '',
    noticedBy: testsIn(tokens, 'a token of another issuer is refused'),
  },
  {
    name: 'an issuer that follows from the claims is compared',
    file: verifier,
    text: "if (typeof issuer === 'function') requireIssuer(issuer(payload), payload)",
    without: '',
    noticedBy: testsIn(
      tokens,
      'the options may accept one algorithm alone, and an issuer that follows from the claims',
    ),
  },
  {
    name: 'only the configured algorithms are accepted',
    file: verifier,
    text: 'algorithms: [...parseAlgorithms(options.algorithms)],',
    without: '',
    noticedBy: testsIn(
      tokens,
      'the options may accept one algorithm alone, and an issuer that follows from the claims',
    ),
  },
  {
    name: 'symmetric algorithms and none cannot be configured',
    file: 'src/http/asymmetric-algorithms.ts',
    text: 'given.every((name) => known.has(name))',
    without: 'given.every((name) => name !== known)',
    noticedBy: testsIn(
      tokens,
      'the options with a symmetric algorithm are refused',
      'the options with the algorithm none are refused',
    ),
  },
  {
    name: 'a token has an expiry and an issuer',
    file: verifier,
    text: "requiredClaims: ['exp', 'iss'],",
    without: '',
    noticedBy: testsIn(tokens, 'a token without an expiry is refused'),
  },
  {
    name: 'a token is compared with the clock',
    file: verifier,
    text: 'currentDate: new Date(now())',
    without: 'currentDate: new Date(946_684_800_000)',
    noticedBy: [
      ...testsIn(tokens, 'a token that has expired is refused'),
      ...testsIn(express, `${onExpress} what was valid until the clock jumped`),
    ],
  },
  {
    name: 'a token of another type is not an access token',
    file: verifier,
    text: 'if (options.typ === undefined) requireTokenType(protectedHeader.typ)',
    without: '',
    noticedBy: testsIn(
      tokens,
      'a token that is no access token of the issuer is refused by its type',
    ),
  },
  {
    name: 'keys come over TLS',
    file: verifier,
    text: "url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBePlain)",
    without: "url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBePlain !== null)",
    noticedBy: testsIn(tokens, 'the options with a plain HTTP address of another host are refused'),
  },
  {
    name: 'an empty expectation is not configured',
    file: verifier,
    text: 'if (good.length > 0 && good.length === list.length) return good',
    without: 'if (list.length >= 0) return good',
    noticedBy: testsIn(
      tokens,
      'the options with no issuer are refused',
      'the options with an empty audience among others are refused',
    ),
  },
  {
    name: 'a request has one Authorization header',
    file: 'src/http/bearer-token.ts',
    text: 'if (others.length > 0) throw',
    without: 'if (others.length > 99) throw',
    noticedBy: testsIn(express, `${onExpress} 'two equal headers'`),
  },
  {
    name: 'membership is asked for at every request',
    file: 'src/http/http-tenancy.ts',
    text: 'const membership = await membershipOf(principal)',
    without: 'const membership = membershipOf === null ? await membershipOf(principal) : {}',
    noticedBy: testsIn(
      express,
      `${onExpress} who is no member: the check answers false`,
      `${onExpress} unknown, foreign and archived tenants alike`,
    ),
  },
  {
    name: 'what is no answer of the membership check is a refusal',
    file: 'src/http/http-tenancy.ts',
    text: "if (typeof answer !== 'object' || answer === null) throw notFound()\n    return answer",
    without: 'return (answer ?? {}) as Membership',
    noticedBy: testsIn(
      express,
      `${onExpress} who is no member: the check answers undefined`,
      `${onExpress} who is no member: the check answers a text`,
    ),
  },
  {
    name: 'the tenant is the one that the membership check answers',
    file: 'src/http/http-tenancy.ts',
    text: 'tenantId: membership.tenantId ?? principal.tenantId',
    without: 'tenantId: principal.tenantId',
    noticedBy: testsIn(
      tenancy,
      'a membership check replaces the ids of the provider by those of the database',
    ),
  },
  {
    name: 'scope and unit of a context come from the same place',
    file: 'src/http/http-tenancy.ts',
    text: '...scopeOf(membership.orgScope === undefined ? principal : membership),',
    without: '...scopeOf({ ...principal, ...membership }),',
    noticedBy: testsIn(
      tenancy,
      'a membership check decides scope and unit together, and takes capabilities away',
    ),
  },
  {
    name: 'a context lives no longer than its token',
    file: 'src/http/http-tenancy.ts',
    text: 'const expiresAt = Math.min(principal.expiresAt, latest())',
    without: 'const expiresAt = latest()',
    noticedBy: testsIn(
      tenancy,
      'the context of a request lives as long as the token, and at most a minute',
    ),
  },
  {
    name: 'an envelope is signed by a key of ours',
    file: 'src/jobs/envelope-token.ts',
    text: 'if (!isSigned) return null',
    without: '',
    noticedBy: testsIn(
      'src/jobs/job-envelope.test.ts',
      'an envelope is refused when its tenant was changed',
    ),
  },
  {
    name: 'an envelope belongs to its queue',
    file: 'src/jobs/job-envelope.ts',
    text: "if (claims.queue !== label('queue', queue)) throw",
    without: "if (claims.queue === '') throw",
    noticedBy: testsIn(
      'src/jobs/job-envelope.test.ts',
      'an envelope is refused when it comes out of another queue or under another name',
    ),
  },
  {
    name: 'an envelope belongs to its payload',
    file: 'src/jobs/job-envelope.ts',
    text: 'if (hashOrNull(payload) !== claims.payloadHash) throw',
    without: 'if (claims.payloadHash === null) throw',
    noticedBy: testsIn(
      'src/jobs/job-envelope.test.ts',
      'an envelope is refused when the payload is another, also that of another tenant',
    ),
  },
  {
    name: 'an envelope expires',
    file: 'src/jobs/job-envelope.ts',
    text: 'if (claims.expiresAt <= seconds) throw',
    without: 'if (claims.expiresAt < 0) throw',
    noticedBy: testsIn(
      'src/jobs/job-envelope.test.ts',
      'an envelope is refused when it has expired, or is from the future',
    ),
  },
]
