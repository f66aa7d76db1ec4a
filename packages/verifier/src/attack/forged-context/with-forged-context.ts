import { held, inconclusive } from '../attack.js'
import type { Attack, Outcome, Probe } from '../attack.js'
import { policyReach } from '../policy-text/policy-reach.js'
import { untrustedInputs } from '../policy-text/untrusted-inputs.js'
import { forgeriesOf } from './forgeries.js'

/** Repeats an attack under contexts in which the attacker set what the model does not declare. */
export function withForgedContext(base: Attack, parts: Pick<Attack, 'id' | 'title'>): Attack {
  return {
    ...parts,
    command: base.command,
    context: 'own',
    applies: (input, target, role) => {
      const reach = policyReach(input, target.table.relation, role, base.command)
      const { settings, claims } = untrustedInputs(input.model, reach)
      return settings.length + claims.length > 0
    },
    run: (probe) => run(base, probe),
  }
}

async function run(base: Attack, probe: Probe): Promise<Outcome> {
  const { session } = probe
  const attempt = (context: Probe['context']): Promise<Outcome> =>
    session.attempt(() => base.run({ ...probe, context }))
  const plain = await attempt(probe.context)
  if (plain.kind === 'leak') return inconclusive('it leaks without any forged input')
  let best: Outcome = plain
  for (const { input, settings } of await forgeriesOf(probe, base.command)) {
    const outcome = await attempt(settings)
    if (outcome.kind === 'leak') {
      return {
        ...outcome,
        what: `${outcome.what} once the client sets ${input}, which no declared context vouches for`,
      }
    }
    if (outcome.kind === 'held') best = held
  }
  return best
}
