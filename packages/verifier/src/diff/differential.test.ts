import { afterAll, beforeAll, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { openZ3 } from '../prove/z3-solver.js'
import type { ClosableSolver } from '../prove/z3-solver.js'
import { diffIsolation } from './index.js'

/** Pairs of policies to try; each meets six contexts over eight rows. */
const pairs = Number(process.env['WATERTIGHT_DIFF_PAIRS'] ?? 12)
const seed = Number(process.env['WATERTIGHT_DIFF_SEED'] ?? 20_261_122)

let a: TestDatabase
let b: TestDatabase
let solver: ClosableSolver
let app: string

beforeAll(async () => {
  ;[a, b] = await Promise.all([createTestDatabase(), createTestDatabase()])
  app = `${a.rolePrefix}_app`
  await a.admin.query(`create role ${app}`)
  solver = await openZ3()
})
afterAll(async () => {
  solver.close()
  await b.drop()
  await a.drop()
})

const model = defineTenancy({
  context: { kind: 'guc', tenant: 'app.t' },
  tenantKey: { type: 'text' },
  schemas: ['s'],
})

type Pick = (below: number) => number

/** Mulberry32. */
function numbersFrom(start: number): Pick {
  let state = start
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const settings = ['app.t', 'app.u'] as const
const words = ['x', 'y', ''] as const

const atoms = [
  `tenant_id = current_setting('app.t', true)`,
  `current_setting('app.t', true) = tenant_id`,
  `tenant_id = nullif(current_setting('app.t', true), '')`,
  `tenant_id is not distinct from current_setting('app.t', true)`,
  `owner = current_setting('app.u', true)`,
  `owner is null`,
  `done`,
  `done is not true`,
  `coalesce(owner, 'x') = current_setting('app.u', true)`,
  `owner in ('x', current_setting('app.t', true))`,
  `owner <> current_setting('app.u', true)`,
  `tenant_id = s.tenant()`,
  `tenant_id = (select s.tenant())`,
  `owner like 'x%'`,
  `exists (select 1 from s.members m where m.tenant_id = N.tenant_id and m.user_id = current_setting('app.u', true))`,
  `tenant_id in (select m.tenant_id from s.members m where m.user_id = current_setting('app.u', true))`,
  `exists (select 1 from s.members m where m.user_id = current_setting('app.u', true) and m.active and m.tenant_id = N.tenant_id)`,
  `exists (select 1 from s.members m where m.user_id = N.owner)`,
  `owner in (select m.user_id from s.members m where m.active)`,
  `s.belongs(tenant_id)`,
] as const

function condition(pick: Pick, depth: number): string {
  if (depth === 0 || pick(3) === 0) return atoms[pick(atoms.length)] ?? 'done'
  const left = condition(pick, depth - 1)
  if (pick(5) === 0) return `not (${left})`
  return `(${left}) ${pick(2) === 0 ? 'and' : 'or'} (${condition(pick, depth - 1)})`
}

/** Either another condition or a small change of the same. */
function changed(pick: Pick, before: string): string {
  switch (pick(5)) {
    case 0:
      return condition(pick, 2)
    case 1:
      return `(${before}) and (${condition(pick, 1)})`
    case 2:
      return `(${condition(pick, 1)}) or (${before})`
    case 3:
      return `not (not (${before}))`
    default:
      return `((${before}) and (${condition(pick, 1)})) or (${before})`
  }
}

const base = `
  create schema s;
  create table s.members (user_id text not null, tenant_id text not null, active boolean not null,
    primary key (user_id, tenant_id));
  create function s.tenant() returns text language sql stable set search_path = pg_catalog, pg_temp
    as $$ select current_setting('app.t', true) $$;
  create function s.belongs(wanted text) returns boolean language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$ select exists (select 1 from s.members m
      where m.tenant_id = wanted and m.user_id = current_setting('app.u', true)) $$;
`

/** Rows that the role sees by table, in a session of its own; null for one whose policy fails. */
async function visible(
  database: TestDatabase,
  names: readonly string[],
  context: readonly (string | null)[],
): Promise<ReadonlyMap<string, ReadonlySet<number> | null>> {
  const client = await database.connect()
  const found = new Map<string, ReadonlySet<number> | null>()
  try {
    for (const [index, value] of context.entries()) {
      if (value !== null) {
        await client.query('select set_config($1, $2, false)', [settings[index], value])
      }
    }
    await client.query(`set role ${app}`)
    for (const name of names) {
      const ids = await client.query<{ id: number }>(`select id from s.${name}`).then(
        ({ rows }) => new Set(rows.map(({ id }) => id)),
        () => null,
      )
      found.set(name, ids)
    }
  } finally {
    await client.end()
  }
  return found
}

it('never calls two policies the same that the server tells apart', async () => {
  process.stdout.write(`differential test of diff: seed ${seed}, ${pairs} pairs\n`)
  const pick = numbersFrom(seed)
  const names = Array.from({ length: pairs }, (_, index) => `t${index}`)
  const texts = names.map((name) => {
    const before = condition(pick, 2)
    const at = (text: string): string => text.replaceAll('N.', `${name}.`)
    return { name, before: at(before), after: at(changed(pick, before)) }
  })
  const rows = Array.from({ length: 8 }, (_, id) => [
    id,
    words[pick(3)],
    pick(3) === 0 ? null : words[pick(3)],
    pick(2) === 0,
  ])
  const members = words.flatMap((user) =>
    words.flatMap((tenant) => (pick(2) === 0 ? [[user, tenant, pick(2) === 0]] : [])),
  )
  for (const [database, side] of [
    [a, 'before'],
    [b, 'after'],
  ] as const) {
    const tables = texts.map(
      (
        entry,
      ) => `create table s.${entry.name} (id int primary key, tenant_id text not null, owner text, done boolean not null);
        alter table s.${entry.name} enable row level security;
        create policy p on s.${entry.name} for select to ${app} using (${entry[side]});`,
    )
    const grants = `grant usage on schema s to ${app}; grant select on all tables in schema s to ${app};`
    await database.admin.query(base + tables.join('\n') + grants)
  }
  const input = (name: string, database: TestDatabase): Parameters<typeof diffIsolation>[0] => ({
    name,
    db: database.admin,
    model,
  })
  const { cells } = await diffIsolation(input('A', a), input('B', b), { solver })
  for (const { admin } of [a, b]) {
    for (const member of members) {
      await admin.query('insert into s.members values ($1, $2, $3)', member)
    }
    for (const { name } of texts) {
      for (const row of rows)
        await admin.query(`insert into s.${name} values ($1, $2, $3, $4)`, row)
    }
  }
  const values = [null, ...words]
  const contexts = Array.from({ length: 6 }, () => settings.map(() => values[pick(4)] ?? null))
  const wrong: string[] = []
  const decided = { same: 0, wider: 0, narrower: 0, both: 0, unknown: 0 }
  const verdicts = new Map(
    texts.map(({ name }) => {
      const cell = cells.find(({ object, role }) => object === `s.${name}` && role === app)
      return [name, cell?.verdict ?? 'unknown'] as const
    }),
  )
  for (const verdict of verdicts.values()) decided[verdict] += 1
  for (const context of contexts) {
    const [was, is] = [await visible(a, names, context), await visible(b, names, context)]
    for (const { name, before, after } of texts) {
      const [left, right] = [was.get(name) ?? null, is.get(name) ?? null]
      if (left === null || right === null) continue
      const verdict = verdicts.get(name)
      const gained = [...right].some((id) => !left.has(id))
      const lost = [...left].some((id) => !right.has(id))
      const isWrong =
        (gained && (verdict === 'same' || verdict === 'narrower')) ||
        (lost && (verdict === 'same' || verdict === 'wider'))
      if (isWrong) wrong.push(`${verdict}: ${before}  ->  ${after} with ${JSON.stringify(context)}`)
    }
  }
  process.stdout.write(`${JSON.stringify(decided)}\n`)
  expect(wrong).toEqual([])
  expect(decided.same + decided.narrower + decided.wider).toBeGreaterThan(pairs / 3)
}, 3_600_000)
