/** Numbers from a seed, so that a failure can be run again. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export type Pick = (below: number) => number

export const uuids: readonly string[] = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
]
export const words: readonly string[] = ['', 'a', 'b', '7', '12', ...uuids]
export const settings: readonly string[] = ['app.tenant_id', 'app.user_id', 'app.other']

function one<T>(pick: Pick, of: readonly [T, ...T[]] | readonly T[]): T {
  const found = of[pick(of.length)]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}

const quoted = (text: string): string => `'${text}'`

/** Expressions by type; `t` is the table of the policy. */
export function randomCondition(pick: Pick, depth: number, column: string = ''): string {
  const bool = (): string => randomCondition(pick, depth - 1, column)
  const text = (): string => randomText(pick, depth - 1, column)
  const int = (): string => randomInt(pick, depth - 1, column)
  const uuid = (): string => randomUuid(pick, depth - 1, column)
  const order = (): string => one(pick, ['=', '<>', '<', '<=', '>', '>='])
  const equality = (): string => one(pick, ['=', '<>'])
  if (depth <= 0) {
    return one(pick, ['true', 'false', `${column}flag`, `${column}tenant_id = ${uuid()}`])
  }
  const forms: readonly (() => string)[] = [
    () => `${uuid()} = ${uuid()}`,
    () => `${uuid()} ${equality()} ${uuid()}`,
    () => `${text()} ${equality()} ${text()}`,
    () => `${int()} ${order()} ${int()}`,
    () => `(${bool()} and ${bool()})`,
    () => `(${bool()} or ${bool()})`,
    () => `not (${bool()})`,
    () => `(${bool()}) is ${one(pick, ['', 'not '])}${one(pick, ['true', 'false', 'unknown'])}`,
    () => `(${one(pick, [text, int, uuid])()}) is ${one(pick, ['', 'not '])}null`,
    () => `${uuid()} is ${one(pick, ['', 'not '])}distinct from ${uuid()}`,
    () => `${text()} is ${one(pick, ['', 'not '])}distinct from ${text()}`,
    () => `${int()} ${one(pick, ['', 'not '])}between ${int()} and ${int()}`,
    () => `${text()} ${one(pick, ['', 'not '])}in (${text()}, ${text()})`,
    () => `${int()} = any (array[${int()}, ${int()}])`,
    () => `${int()} <> all (array[${int()}, ${int()}])`,
    () => `coalesce(${bool()}, ${bool()})`,
    () => `case when ${bool()} then ${bool()} else ${bool()} end`,
    () => `case ${text()} when ${text()} then ${bool()} when ${text()} then ${bool()} end`,
    () => `(select ${bool()})`,
    () =>
      `exists (select 1 from {s}.m where m.tenant_id = t.tenant_id and ${randomCondition(pick, depth - 2, 'm.')})`,
    () => `exists (select 1 from {s}.m where ${randomCondition(pick, depth - 1, 'm.')})`,
    () =>
      `${uuid()} in (select m.tenant_id from {s}.m where ${randomCondition(pick, depth - 2, 'm.')})`,
    () => `${int()} = any (select m.n from {s}.m)`,
    () => `exists (select 1 from {s}.m join {s}.p on p.tenant_id = m.tenant_id where p.id = t.id)`,
    () =>
      `exists (select 1 from {s}.m a left join {s}.p b on b.id = a.id where b.tenant_id = t.tenant_id)`,
    () => `{s}.same(${uuid()}, ${uuid()})`,
    () => `{s}.member(${uuid()})`,
    () => `{s}.branch(${text()}, ${int()})`,
  ]
  return one(pick, forms)()
}

function randomText(pick: Pick, depth: number, column: string): string {
  const leaf = (): string =>
    one(pick, [
      `${column}state`,
      quoted(one(pick, words)),
      `current_setting(${quoted(one(pick, settings))}, true)`,
      `nullif(current_setting(${quoted(one(pick, settings))}, true), '')`,
    ])
  if (depth <= 0) return leaf()
  return one<() => string>(pick, [
    leaf,
    leaf,
    () => `(${randomUuid(pick, depth - 1, column)})::text`,
    () => `(${randomInt(pick, depth - 1, column)})::text`,
    () => `coalesce(${leaf()}, ${leaf()})`,
    () => `nullif(${leaf()}, ${leaf()})`,
    () => `case when ${randomCondition(pick, 0, column)} then ${leaf()} else ${leaf()} end`,
  ])()
}

function randomInt(pick: Pick, depth: number, column: string): string {
  const leaf = (): string =>
    one(pick, [
      `${column}n`,
      `${column}id`,
      String(pick(4)),
      '12',
      `nullif(current_setting('app.other', true), '')::int`,
    ])
  if (depth <= 0) return leaf()
  return one<() => string>(pick, [
    leaf,
    leaf,
    () => `(${leaf()} ${one(pick, ['+', '-'])} ${leaf()})`,
    () => `(${leaf()})::bigint`,
    () => `coalesce(${leaf()}, ${leaf()})`,
    () => `(select x.n from {s}.m x where x.id = ${pick(3)})`,
  ])()
}

function randomUuid(pick: Pick, depth: number, column: string): string {
  const leaf = (): string =>
    one(pick, [
      `${column}tenant_id`,
      `nullif(current_setting('app.tenant_id', true), '')::uuid`,
      `current_setting('app.tenant_id', true)::uuid`,
      `{s}.current_tenant()`,
      `(select {s}.current_tenant())`,
      `${quoted(one(pick, uuids))}::uuid`,
    ])
  if (depth <= 0) return leaf()
  return one<() => string>(pick, [
    leaf,
    leaf,
    () => `coalesce(${leaf()}, ${leaf()})`,
    () => `nullif(${leaf()}, ${leaf()})`,
    () => `case when ${randomCondition(pick, 0, column)} then ${leaf()} else ${leaf()} end`,
    () => `(select x.tenant_id from {s}.m x where x.id = ${pick(3)})`,
  ])()
}

/** The tables and helpers that conditions speak of. */
export const fuzzSchema = `
  create table {s}.t (id int primary key, tenant_id uuid, state text, n int, flag boolean);
  create table {s}.m (id int primary key, tenant_id uuid not null, state text, n int, flag boolean);
  create table {s}.p (id int primary key, tenant_id uuid);
  alter table {s}.t enable row level security;
  grant select on {s}.t, {s}.m, {s}.p to {app};
  create function {s}.current_tenant() returns uuid language sql stable as $f$ select nullif(current_setting('app.tenant_id', true), '')::uuid $f$;
  create function {s}.same(a uuid, uuid) returns boolean language sql stable strict as $f$ select a = $2 $f$;
  create function {s}.member(x uuid) returns boolean language sql stable security definer set search_path = '' as $f$ select exists (select 1 from {s}.m where m.tenant_id = x and m.state = current_setting('app.user_id', true)) $f$;
  create function {s}.branch(a text, b int) returns boolean language plpgsql stable as $f$
    declare found boolean := false; begin
      if a = 'a' then return b > 1; elsif b is null then return null; end if;
      found := a is not distinct from 'b'; return found or b = 7; end $f$;`
