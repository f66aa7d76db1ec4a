import { ident, integer, joinSql, sql } from 'watertight/sql'
import { mentionsName } from '../../expr/mentions.js'
import { held, inconclusive } from '../attack.js'
import type { Attack, Outcome, Probe } from '../attack.js'
import { policyReach } from '../policy-text/policy-reach.js'
import type { RowSample } from '../samples.js'
import type { Values } from '../synthesis/values.js'
import { keyColumns } from '../update-columns.js'
import { craftedValues } from './alternatives.js'

/** Repeats an attack on rows of the victim that hold what the policies look for. */
export function withCraftedRow(base: Attack, parts: Pick<Attack, 'id' | 'title'>): Attack {
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
    run: (probe) => run(base, probe),
  }
}

async function run(base: Attack, probe: Probe): Promise<Outcome> {
  const { session } = probe
  const plain = await session.attempt(() => base.run(probe))
  if (plain.kind === 'leak') return inconclusive('it leaks without any crafted row')
  let best: Outcome = plain
  for (const values of await craftedValues(probe, base.command)) {
    const outcome = await session.attempt(async () => {
      const rows = await craft(probe, values)
      return rows === null ? null : base.run({ ...probe, foreignRows: rows })
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

/** Changes one of the victim's rows as the connected role; every constraint has its say. */
async function craft(probe: Probe, values: Values): Promise<RowSample | null> {
  const { session, target, foreignRows } = probe
  const names = Object.keys(values)
  const list = joinSql(names.map((name, index) => sql`${ident(name)} = $${integer(index + 3)}`))
  await session.admin(sql`set constraints all immediate`)
  const step = await session.keep(() =>
    session.admin(
      sql`update ${target.name} r set ${list} where r.tableoid = $1::oid and r.ctid = $2::tid returning r.tableoid::text as t, r.ctid::text as c`,
      [foreignRows.tables[0], foreignRows.places[0], ...Object.values(values)],
    ),
  )
  const row = step.ok ? (step.rows[0] as { t: string; c: string } | undefined) : undefined
  return row === undefined ? null : { tables: [row.t], places: [row.c] }
}
