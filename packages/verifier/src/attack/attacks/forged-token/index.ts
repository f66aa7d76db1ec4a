import { escapeClaim, generateSigningKey, hmacPads } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { claimsOf, forgeriesOf, signed } from '../../forged-token/tokens.js'
import type { Claims } from '../../forged-token/tokens.js'
import { notPublic } from '../../public-rows.js'
import type { StepResult } from '../../session.js'

const setting = 'watertight.context'

/** Puts tokens in place of the context that claim to be the victim and are not signed for it. */
export const forgedToken: Attack = {
  id: 'forged-token',
  title: 'Reads rows of another tenant under a signed context that is forged or has expired.',
  command: 'SELECT',
  context: 'own',
  // Auditors and the platform come in by a grant, of which the victim has none.
  applies: (input, _target, role) =>
    input.model.context.kind === 'signed' &&
    input.roles.some(({ name, kind }) => name === role && (kind === 'app' || kind === 'worker')),
  run: async (probe) => {
    const hidden = notPublic(probe.target)
    const real = probe.context.find(([name]) => name === setting)?.[1]
    const claims = real === undefined ? null : claimsOf(real)
    if (real === undefined || claims === null) return inconclusive('the context is no token')
    if (hidden === null) return inconclusive('every row is declared public')
    const { target, session } = probe
    const shown = sql`select from ${target.name} r where ${target.key} = $1::${target.keyType} and ${hidden} limit 1`
    const read = (token: string): Promise<StepResult> =>
      session.attempt(() => session.as(probe.role, [[setting, token]], shown, [probe.foreign]))
    const plain = await read(real)
    if (plain.ok && plain.rowCount > 0) return inconclusive('it leaks under a genuine token')

    const key = generateSigningKey()
    const { inner, outer } = hmacPads(key.secret)
    const stored = await session.admin(
      sql`insert into watertight.signing_keys (kid, inner_key, outer_key) values ($1, $2, $3)`,
      [key.kid, inner, outer],
    )
    if (!stored.ok) return inconclusive(`no signing key can be added (${stored.sqlState})`)
    const victim = victimClaims(probe, claims)
    const control = await read(signed(victim, key))
    if (!control.ok || control.rowCount === 0) {
      return inconclusive('the victim’s own token shows none of its rows')
    }
    for (const { fault, token } of forgeriesOf(real, victim, key)) {
      const seen = await read(token)
      if (seen.ok && seen.rowCount > 0) return leak(fault)
    }
    return held
  },
}

function victimClaims({ foreignPrincipal }: Probe, claims: Claims): Claims {
  const { tenant, user } = foreignPrincipal
  return {
    ...claims,
    tenant: escapeClaim(tenant),
    ...(user !== null && { user: escapeClaim(user) }),
  }
}

function leak(fault: string): Outcome {
  return {
    kind: 'leak',
    statement: sql`select set_config('watertight.context', …, true)`,
    what: `rows of another tenant are visible under a token with ${fault}`,
  }
}
