import type { Relation } from 'watertight/catalog'
import { linkingValues } from '../../grant-tables/key-pairs.js'
import { selfWrites } from '../../grant-tables/self-writes.js'
import { objectName } from '../../../graph/object-name.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Writes itself into the tables that policies take authority from, then reads. */
export const selfGrant: Attack = {
  id: 'self-grant',
  title: 'Changes a table that policies read so that they admit it to another tenant.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) =>
    writable(input, role, policyReach(input, target.table.relation, role, 'SELECT').relations)
      .length > 0,
  run: async (probe) => {
    const { input, role, session, target } = probe
    const plain = await session.attempt(() => foreignSelect.run(probe))
    if (plain.kind === 'leak') return inconclusive('it leaks without any grant')
    const reach = policyReach(input, target.table.relation, role, 'SELECT')
    let best: Outcome = plain
    for (const relation of writable(input, role, reach.relations)) {
      for (const home of homes(probe, relation)) {
        const start = await session.attempt(async () =>
          (await settle(probe, relation, home)) ? foreignSelect.run(probe) : null,
        )
        if (start === null || start.kind === 'leak') continue
        if (start.kind === 'held') best = held
        for (const write of selfWrites(probe, relation, reach)) {
          const seen = await session.attempt(async () => {
            await settle(probe, relation, home)
            return (await write.run()) ? foreignSelect.run(probe) : null
          })
          if (seen?.kind === 'leak') return leak(probe, relation, write.statement)
        }
      }
    }
    return best
  },
}

const mostHomes = 3

/** As things are, and with a row that makes the attacker belong where it says that it does. */
function homes(probe: Probe, relation: Relation): readonly (Values | null)[] {
  return [null, ...linkingValues(probe, relation, probe.ownPrincipal.tenant).slice(0, mostHomes)]
}

async function settle(probe: Probe, relation: Relation, home: Values | null): Promise<boolean> {
  if (home === null) return true
  const made = await insertRow(probe.synthesis(probe.ownPrincipal), relation, home)
  return typeof made !== 'string'
}

function writable(
  input: LintInput,
  role: string,
  relations: readonly Relation[],
): readonly Relation[] {
  return relations.filter(
    (relation) =>
      (relation.kind === 'table' || relation.kind === 'partitioned-table') &&
      (['INSERT', 'UPDATE'] as const).some((command) => input.access.can(role, command, relation)),
  )
}

function leak(
  probe: Probe,
  relation: Relation,
  statement: Extract<Outcome, { kind: 'leak' }>['statement'],
): Outcome {
  const name = objectName(relation)
  return {
    kind: 'leak',
    statement,
    what: `rows of another tenant are visible after ${probe.role} itself changed ${name}, which the policies take authority from`,
    related: [name],
  }
}
