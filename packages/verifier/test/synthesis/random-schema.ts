import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { one } from '../fuzz/numbers.js'
import type { Pick } from '../fuzz/numbers.js'
import { columnKinds } from './column-kinds.js'

/** Tables that have been made, with the columns that a foreign key may point to. */
interface Made {
  readonly name: Sql
  readonly key: readonly (readonly [name: string, type: Sql])[]
}

const chance = (pick: Pick, percent: number): boolean => pick(100) < percent

/**
 * The statements of a schema with an enum, a domain and tables that some row fits into. Each table may
 * point to earlier ones and to itself, and some are partitioned.
 */
export function randomSchema(pick: Pick, schema: string, tables: number): Sql {
  const inside = (name: string): Sql => qualifiedName(schema, name)
  const statements: Sql[] = [
    sql`create schema ${ident(schema)}`,
    sql`create type ${inside('mood')} as enum ('low', 'middle', 'high')`,
    sql`create domain ${inside('slug')} as text check (value ~ '^[a-z][a-z0-9_]{2,20}$')`,
  ]
  const made: Made[] = []
  for (let at = 0; at < tables; at += 1) {
    const table = randomTable(pick, inside, `t${at}`, made)
    made.push(table.made)
    statements.push(...table.statements)
  }
  return joinSql(statements, ';\n')
}

function randomTable(
  pick: Pick,
  inside: (name: string) => Sql,
  table: string,
  parents: readonly Made[],
): { readonly made: Made; readonly statements: readonly Sql[] } {
  const key = one(pick, [
    ['id', sql`bigint generated always as identity`, sql`bigint`],
    ['id', sql`serial`, sql`integer`],
    ['id', sql`uuid default gen_random_uuid()`, sql`uuid`],
    ['id', sql`uuid`, sql`uuid`],
    ['code', sql`text check (code ~ '^[A-Z]{3}-[0-9]+$')`, sql`text`],
  ] as const)
  const partition = chance(pick, 15)
    ? one(pick, [
        {
          type: sql`text`,
          by: sql`list (region)`,
          bound: sql`in ('eu', 'us')`,
        },
        {
          type: sql`date`,
          by: sql`range (region)`,
          bound: sql`from ('2030-01-01') to ('2031-01-01')`,
        },
        {
          type: sql`integer`,
          by: sql`hash (region)`,
          bound: sql`with (modulus 1, remainder 0)`,
        },
      ])
    : null
  const parts: Sql[] = [sql`${ident(key[0])} ${key[1]} not null`, sql`tenant_id uuid not null`]
  if (partition !== null) parts.push(sql`region ${partition.type} not null`)
  const keyColumns = [key[0], ...(partition === null ? [] : ['region'])]
  parts.push(sql`primary key (${joinSql(keyColumns.map((name) => ident(name)))})`)

  for (const [index, parent] of parents.entries()) {
    if (!chance(pick, 35)) continue
    const names = parent.key.map((_, part) => ident(`p${index}_${part}`))
    const required = chance(pick, 70) ? sql` not null` : sql``
    for (const [part, [, type]] of parent.key.entries()) {
      parts.push(sql`${names[part] ?? sql``} ${type}${required}`)
    }
    const unique =
      chance(pick, 15) && partition === null ? sql`, unique (${joinSql(names)})` : sql``
    parts.push(
      sql`foreign key (${joinSql(names)}) references ${parent.name} (${joinSql(parent.key.map(([name]) => ident(name)))})${unique}`,
    )
  }
  if (partition === null && chance(pick, 15)) {
    parts.push(sql`up ${key[2]} references ${inside(table)}`)
  }
  parts.push(...randomColumns(pick, inside, partition === null))

  const name = inside(table)
  const by = partition === null ? sql`` : sql` partition by ${partition.by}`
  const statements = [sql`create table ${name} (\n  ${joinSql(parts, ',\n  ')})${by}`]
  if (partition !== null) {
    statements.push(
      sql`create table ${inside(`${table}_part`)} partition of ${name} for values ${partition.bound}`,
    )
  }
  const types = [key[2], ...(partition === null ? [] : [partition.type])]
  return {
    made: {
      name,
      key: keyColumns.map((each, index) => [each, types[index] ?? sql`text`] as const),
    },
    statements,
  }
}

function randomColumns(pick: Pick, inside: (name: string) => Sql, mayBeUnique: boolean): Sql[] {
  const parts: Sql[] = []
  const count = 2 + pick(6)
  for (let at = 0; at < count; at += 1) {
    const column = ident(`c${at}`)
    const required = chance(pick, 75) ? sql` not null` : sql``
    const own = pick(10)
    if (own === 0) parts.push(sql`${column} ${inside('mood')}${required}`)
    else if (own === 1) parts.push(sql`${column} ${inside('slug')}${required}`)
    else {
      const { type, checks, isKey } = one(pick, columnKinds)
      const check = checks.length > 0 && chance(pick, 55) ? one(pick, checks) : null
      parts.push(
        sql`${column} ${type}${required}${check === null ? sql`` : sql` check (${check(column)})`}`,
      )
      if (check === null && isKey && mayBeUnique && chance(pick, 20)) {
        parts.push(sql`unique (tenant_id, ${column})`)
      }
    }
  }
  return [...parts, ...acrossColumns(pick)]
}

/** Conditions over several columns, which bring their columns along. */
function acrossColumns(pick: Pick): readonly Sql[] {
  const number = integer(1 + pick(50))
  return one(pick, [
    [],
    [],
    [
      sql`starts_at timestamptz not null, ends_at timestamptz not null, check (ends_at > starts_at)`,
    ],
    [
      sql`low integer not null, high integer not null, check (low < high and high <= ${number} + 1000)`,
    ],
    [sql`a text, b integer, check (num_nonnulls(a, b) = 1)`],
    [
      sql`state text not null check (state in ('draft', 'sent')), sent_at timestamptz, check ((state = 'sent') = (sent_at is not null))`,
    ],
    [
      sql`price numeric not null check (price > 0), tax numeric generated always as (price * 0.2) stored`,
    ],
    [
      sql`part integer not null, whole integer not null, check (part <= whole), check (whole > ${number})`,
    ],
    [sql`a text, b text, check (a is not null or b is not null)`],
  ] satisfies readonly (readonly Sql[])[])
}

/** The name of the schema of one round. */
export function schemaName(round: number): string {
  return `round_${round}`
}
