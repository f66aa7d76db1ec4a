import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { bothWays } from '../../both-ways.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'
import { recordIds } from './record-ids.js'

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
  const { foreign } = probe.pair
  if (probe.pair.synthetic) return inconclusive('there are no two tenants with rows')
  const columns = probe.input.access.columns(probe.role, 'SELECT', relation)
  if (columns.length === 0) return inconclusive('the role may read no column')
  const shown = joinSql(columns.map((name) => sql`r.${ident(name)}::text`))
  const name = qualifiedName(relation.schema, relation.name)
  const count = async (condition: Sql, wanted: readonly string[]): Promise<Seen> => {
    const statement = sql`select count(*)::int as n from ${name} r, lateral concat_ws('|', ${shown}) t(text)
      where exists (select from unnest($1::text[]) m where ${condition})`
    const step = await probe.session.attempt(() =>
      probe.session.as(probe.role, probe.context, statement, [wanted]),
    )
    return { statement, found: step.ok ? numberOf(step.rows[0]?.['n']) : step.sqlState }
  }
  const byKey = (key: string): Promise<Seen> =>
    key.length >= shortest
      ? count(sql`strpos(t.text, m) > 0`, [key])
      : count(sql`t.text ~ m`, [member(probe.input.model.tenantKey.column, key)])

  const seen = await byKey(foreign.tenant)
  if (typeof seen.found === 'string') return inconclusive(`reading it fails with ${seen.found}`)
  if (seen.found > 0) return leak(seen, 'rows that carry the key of another tenant are visible')
  const ids = await recordIds(probe, foreign.tenant)
  const copies = await count(sql`strpos(t.text, m) > 0`, ids)
  if (numberOf(copies.found) > 0) {
    return leak(copies, 'rows that carry ids of rows of another tenant are visible')
  }
  const column = await keyedColumn(probe, name, columns)
  if (column !== null) {
    const keyed = await count(holds(column), [foreign.tenant])
    if (numberOf(keyed.found) > 0) {
      return leak(keyed, 'rows that are kept under the key of another tenant are visible')
    }
  }
  const own = [await byKey(probe.pair.own.tenant)]
  own.push(await count(sql`strpos(t.text, m) > 0`, await recordIds(probe, probe.pair.own.tenant)))
  return own.some(({ found }) => numberOf(found) > 0) ? held : inconclusive('no row names a tenant')
}

/** Whole words of a text: a key alone, or between separators as in `sync:north`. */
function holds(column: string): Sql {
  return sql`m = any (regexp_split_to_array(r.${ident(column)}::text, '[^[:alnum:]_-]+'))`
}

/**
 * A text column that holds the keys of both tenants as words of their own. One short key may be
 * there by chance; both in one column say what the column is for.
 */
async function keyedColumn(
  probe: ObjectProbe,
  name: Sql,
  columns: readonly string[],
): Promise<string | null> {
  const { own, foreign } = probe.pair
  if (!isWord(own.tenant) || !isWord(foreign.tenant)) return null
  for (const column of columns) {
    const found = await probe.session.attempt(() =>
      probe.session.admin(
        sql`select (select count(distinct m)::int from ${name} r, unnest($1::text[]) m where ${holds(column)}) as n`,
        [[own.tenant, foreign.tenant]],
      ),
    )
    if (found.ok && numberOf(found.rows[0]?.['n']) === 2) return column
  }
  return null
}

/** Long enough to be a name, and not one of the small numbers that stand for anything. */
function isWord(key: string): boolean {
  return key.length >= 4 && !/^\d{1,5}$/.test(key)
}

interface Seen {
  readonly statement: Sql
  /** Rows, or the SQLSTATE of the refusal. */
  readonly found: number | string
}

function leak({ statement }: Seen, what: string): Outcome {
  return { kind: 'leak', statement, what }
}

/** A pattern for the key as a member of a JSON object, as `jsonb` and `json` are printed. */
function member(column: string, key: string): string {
  const quoted = [column, key].map((text) => text.replaceAll(/[^\w]/g, (sign) => `\\${sign}`))
  return `"${quoted[0] ?? ''}" *: *"?${quoted[1] ?? ''}"? *[,}]`
}
