import { ident, integer, joinSql, sql } from 'watertight/sql'
import { mentionsName } from '../../expr/mentions.js'
import { held, inconclusive } from '../attack.js'
import type { Attack, Outcome, Probe } from '../attack.js'
import { policyReach } from '../policy-text/policy-reach.js'
import { inSample } from '../samples.js'
import type { RowSample } from '../samples.js'
import type { Values } from '../synthesis/values.js'
import { keyColumns } from '../update-columns.js'
import { craftedValues } from './alternatives.js'

/** Repeats an attack on rows of the victim, or the attacker, that hold what the policies look for. */
export function withCraftedRow(
  base: Attack,
  parts: Pick<Attack, 'id' | 'title'>,
  side: 'own' | 'foreign' = 'foreign',
): Attack {
  return {
    ...parts,
    command: base.command,
    context: 'own',
    applies: (input, target, role) => {
      const fixed = keyColumns(target)
      const names = target.table.relation.columns
        .map(({ name }) => name)
        .filter((name) => !fixed.includes(name))
      const { own } = policyReach(input, target.table.relation, role, base.command)
      return own.some((tokens) => mentionsName(tokens, new Set(names)))
    },
    run: (probe) => run(base, probe, side),
  }
}

async function run(base: Attack, probe: Probe, side: 'own' | 'foreign'): Promise<Outcome> {
  const { session } = probe
  const plain = await session.attempt(() => base.run(probe))
  if (plain.kind === 'leak') return inconclusive('it leaks without any crafted row')
  let best: Outcome = plain
  for (const values of await craftedValues(probe, base.command)) {
    const outcome = await session.attempt(async () => {
      const rows = await craft(probe, values, side)
      if (rows === null) return null
      return base.run({ ...probe, ...(side === 'own' ? { ownRows: rows } : { foreignRows: rows }) })
    })
    if (outcome === null) continue
    if (outcome.kind === 'leak') {
      const columns = Object.keys(values).join(', ')
      return { ...outcome, what: `${outcome.what} when ${columns} of the row has a certain value` }
    }
    if (outcome.kind === 'held') best = held
  }
  return best
}

/** Changes one of the victim's rows, or all the attacker's, as the connected role; every constraint has its say. */
async function craft(
  probe: Probe,
  values: Values,
  side: 'own' | 'foreign',
): Promise<RowSample | null> {
  const { session, target } = probe
  const { tables, places } = side === 'own' ? probe.ownRows : probe.foreignRows
  const most = side === 'own' ? places.length : 1
  const names = Object.keys(values)
  const list = joinSql(names.map((name, index) => sql`${ident(name)} = $${integer(index + 3)}`))
  await session.admin(sql`set constraints all immediate`)
  const step = await session.keep(() =>
    session.admin(
      sql`update ${target.name} r set ${list} where ${inSample} returning r.tableoid::text as t, r.ctid::text as c`,
      [tables.slice(0, most), places.slice(0, most), ...Object.values(values)],
    ),
  )
  const rows = step.ok ? (step.rows as { t: string; c: string }[]) : []
  if (rows.length === 0) return null
  return { tables: rows.map(({ t }) => t), places: rows.map(({ c }) => c) }
}
