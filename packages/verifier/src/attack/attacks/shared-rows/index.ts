import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { bothWays } from '../../both-ways.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'

/** Looks for another tenant's key in a table that nobody declared. */
export const sharedRows: ObjectAttack = {
  id: 'shared-rows',
  title: 'Reads rows that name another tenant from a table without a tenant column.',
  subjects: (input) =>
    input.tables.tables.flatMap((table) =>
      table.scope === null && table.relation.kind !== 'foreign-table'
        ? [
            {
              object: table.name,
              related: [],
              command: 'SELECT',
              isFor: (role) => input.access.can(role, 'SELECT', table.relation),
              run: (probe) => bothWays(probe, (each) => attack(each, table)),
            },
          ]
        : [],
    ),
}

/** Shorter keys turn up by chance. */
const shortest = 12

async function attack(probe: ObjectProbe, table: ClassifiedTable): Promise<Outcome> {
  const { relation } = table
  const { own, foreign } = probe.pair
  if (probe.pair.synthetic || foreign.tenant.length < shortest) {
    return inconclusive('the keys of tenants cannot be told from other values')
  }
  const columns = probe.input.access.columns(probe.role, 'SELECT', relation)
  if (columns.length === 0) return inconclusive('the role may read no column')
  const shown = joinSql(columns.map((name) => sql`r.${ident(name)}::text`))
  const statement = sql`select count(*)::int as n from ${qualifiedName(relation.schema, relation.name)} r where strpos(concat_ws('|', ${shown}), $1) > 0`
  const count = async (key: string): Promise<number | string> => {
    const step = await probe.session.attempt(() =>
      probe.session.as(probe.role, probe.context, statement, [key]),
    )
    return step.ok ? numberOf(step.rows[0]?.['n']) : step.sqlState
  }
  const seen = await count(foreign.tenant)
  if (typeof seen === 'string') return inconclusive(`reading it fails with ${seen}`)
  if (seen > 0) {
    return {
      kind: 'leak',
      statement,
      what: 'rows that carry the key of another tenant are visible',
    }
  }
  return numberOf(await count(own.tenant)) > 0 ? held : inconclusive('no row names a tenant')
}
