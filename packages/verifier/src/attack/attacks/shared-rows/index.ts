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

/** Shorter keys turn up by chance, and count only under the name of the tenant column. */
const shortest = 12

async function attack(probe: ObjectProbe, table: ClassifiedTable): Promise<Outcome> {
  const { relation } = table
  const { own, foreign } = probe.pair
  if (probe.pair.synthetic) return inconclusive('there are no two tenants with rows')
  const columns = probe.input.access.columns(probe.role, 'SELECT', relation)
  if (columns.length === 0) return inconclusive('the role may read no column')
  const shown = joinSql(columns.map((name) => sql`r.${ident(name)}::text`))
  const name = qualifiedName(relation.schema, relation.name)
  const isLong = foreign.tenant.length >= shortest
  const condition = isLong ? sql`strpos(t.text, $1) > 0` : sql`t.text ~ $1`
  const statement = sql`select count(*)::int as n from ${name} r, lateral concat_ws('|', ${shown}) t(text) where ${condition}`
  const count = async (key: string): Promise<number | string> => {
    const wanted = isLong ? key : member(probe.input.model.tenantKey.column, key)
    const step = await probe.session.attempt(() =>
      probe.session.as(probe.role, probe.context, statement, [wanted]),
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

/** A pattern for the key as a member of a JSON object, as `jsonb` and `json` are printed. */
function member(column: string, key: string): string {
  const quoted = [column, key].map((text) => text.replaceAll(/[^\w]/g, (sign) => `\\${sign}`))
  return `"${quoted[0] ?? ''}" *: *"?${quoted[1] ?? ''}"? *[,}]`
}
