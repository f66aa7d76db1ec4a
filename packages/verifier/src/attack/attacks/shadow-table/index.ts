import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, sql, trustedSql } from 'watertight/sql'
import { linkingValues } from '../../grant-tables/key-pairs.js'
import { objectName } from '../../../graph/object-name.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import type { Values } from '../../synthesis/values.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Puts a temporary table in front of one that the functions of policies read by its bare name. */
export const shadowTable: Attack = {
  id: 'shadow-table',
  title: 'Hides a table that policies take authority from behind a temporary one of its name.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) =>
    policyReach(input, target.table.relation, role, 'SELECT').relations.some(isTable),
  run: async (probe) => {
    const { input, role, session, target } = probe
    const plain = await session.attempt(() => foreignSelect.run(probe))
    if (plain.kind === 'leak') return inconclusive('it leaks without any temporary table')
    let best: Outcome = plain
    const { relations } = policyReach(input, target.table.relation, role, 'SELECT')
    for (const relation of relations.filter(isTable)) {
      for (const link of linkingValues(probe, relation)) {
        const seen = await session.attempt(async () =>
          (await shadow(probe, relation, link)) ? foreignSelect.run(probe) : null,
        )
        if (seen?.kind === 'leak') return leak(probe, relation)
        if (seen !== null) best = held
      }
    }
    return best.kind === 'held' || plain.kind === 'inconclusive'
      ? best
      : inconclusive('no temporary table can be made that names the attacker')
  },
}

function isTable({ kind }: Relation): boolean {
  return kind === 'table' || kind === 'partitioned-table'
}

/** The role itself makes and fills the table: temporary schemas come first in every search path. */
async function shadow(probe: Probe, relation: Relation, link: Values): Promise<boolean> {
  const { session, role, context } = probe
  const columns = relation.columns.map(
    ({ name, baseType }) => sql`${ident(name)} ${trustedSql(baseType)}`,
  )
  const name = sql`pg_temp.${ident(relation.name)}`
  const made = await session.keep(() =>
    session.as(
      role,
      context,
      sql`create temporary table ${ident(relation.name)} (${joinSql(columns)})`,
    ),
  )
  if (!made.ok) return false
  await session.keep(() => session.as(role, context, sql`grant select on ${name} to public`))
  const names = Object.keys(link)
  const filled = await session.keep(() =>
    session.as(
      role,
      context,
      sql`insert into ${name} (${joinSql(names.map((each) => ident(each)))}) values (${joinSql(names.map((_, index) => sql`$${integer(index + 1)}`))})`,
      Object.values(link),
    ),
  )
  return filled.ok
}

function leak({ role }: Probe, relation: Relation): Outcome {
  const name = objectName(relation)
  return {
    kind: 'leak',
    statement: sql`create temporary table ${ident(relation.name)} (…)`,
    what: `rows of another tenant are visible once ${role} made a temporary table ${relation.name}, which functions of the policies read in place of ${name}`,
    related: [name],
  }
}
