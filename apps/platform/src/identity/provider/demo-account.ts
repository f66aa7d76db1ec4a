import { createHash, timingSafeEqual } from 'node:crypto'

/** Somebody who can sign in at the provider of the demo. */
export interface DemoAccount {
  /** `sub` of their tokens; `core.users.subject` of who exists already. */
  readonly subject: string
  readonly email: string
  readonly name: string
}

/** The claims of an account; all addresses of the demo are verified. */
export interface AccountClaims {
  readonly sub: string
  readonly email: string
  readonly email_verified: true
  readonly name: string
}

/** Who can sign in, and with what. */
export interface DemoAccounts {
  readonly all: readonly DemoAccount[]
  bySubject(subject: string): DemoAccount | undefined
  /** The account of the address when the password is right; it takes the same time for all. */
  signIn(email: string, password: string): DemoAccount | undefined
}

/** All accounts share one password, which is printed where the demo is started. */
export function demoAccounts(all: readonly DemoAccount[], password: string): DemoAccounts {
  const bySubject = new Map(all.map((account) => [account.subject, account]))
  const byEmail = new Map(all.map((account) => [account.email.toLowerCase(), account]))
  const expected = digest(password)
  return {
    all,
    bySubject: (subject) => bySubject.get(subject),
    signIn(email, given) {
      const isRight = timingSafeEqual(digest(given), expected)
      const account = byEmail.get(email.trim().toLowerCase())
      return isRight ? account : undefined
    },
  }
}

/** What tokens say of an account. */
export function claimsOfAccount({ subject, email, name }: DemoAccount): AccountClaims {
  return { sub: subject, email, email_verified: true, name }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
