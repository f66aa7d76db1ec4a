import { readCatalog } from 'watertight/catalog'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { defaultLimits, inRolledBackTransaction } from '../session.js'
import { insertRow } from './insert-row.js'

/** A trigger of the parent asks for what nobody can guess. */
const failingElsewhere = `create table parents (id int primary key, label text); create table logs (label text not null);
  create function note() returns trigger language plpgsql as $$ begin insert into logs values (nullif(new.label, new.label)); return new; end $$;
  create trigger note after insert on parents for each row execute function note();
  create table t (id int primary key, parent_id int not null references parents)`

/** Schemas that refuse most rows; the table to fill is called `t`. */
const schemas: Readonly<Record<string, string>> = {
  'a regular expression and a length': `create table t (id int primary key, code text not null check (code ~ '^[A-Z]{3}-\\d{4}$'), hash text not null check (length(hash) = 64))`,
  'an e-mail address that is unique in lower case': `create table t (id serial primary key, email text not null check (email like '%@%.%')); create unique index on t (lower(email)); insert into t (email) values ('a@b.c')`,
  'ends after starts': `create table t (id int primary key, starts_at timestamptz not null, ends_at timestamptz not null, check (ends_at > starts_at), check (ends_at - starts_at < interval '40 days'))`,
  'dates between literals': `create table t (id int primary key, born date not null check (born between '1900-01-01' and '2010-12-31'))`,
  'exactly one of three': `create table t (id int primary key, a text, b int, c uuid, check (num_nonnulls(a, b, c) = 1))`,
  'a list of words': `create table t (id int primary key, state varchar(8) not null check (state in ('draft', 'final')), kind text not null check (kind = any (array['x', 'y'])))`,
  'an enum and a domain over a domain': `create type mood as enum ('low', 'high'); create domain word as text check (value ~ '^w'); create domain short_word as word not null check (length(value) < 5); create table t (id int primary key, m mood not null, w short_word)`,
  'arrays that may not be empty': `create table t (id int primary key, tags text[] not null check (cardinality(tags) > 0), days int[] not null check (array_length(days, 1) = 7))`,
  'a document with keys': `create table t (id int primary key, doc jsonb not null check (doc ? 'title' and jsonb_typeof(doc -> 'title') = 'string'), list jsonb not null check (jsonb_typeof(list) = 'array' and jsonb_array_length(list) > 0))`,
  'ranges that may be neither empty nor overlap': `create extension if not exists btree_gist; create table t (id int primary key, room int not null, during tstzrange not null check (not isempty(during)), exclude using gist (room with =, during with &&)); insert into t values (1, 1, '(,)')`,
  'a multirange and a custom range': `create type span as range (subtype = float8); create table t (id int primary key, m int4multirange not null, s span not null check (not isempty(s)))`,
  'a composite': `create type money_of as (amount numeric, currency text); create table t (id int primary key, price money_of not null)`,
  'generated and identity columns': `create table t (id bigint generated always as identity primary key, a int not null, b int generated always as (a * 2) stored, check (b > 10))`,
  'list partitions': `create table t (id int, region text not null, primary key (id, region)) partition by list (region); create table t_eu partition of t for values in ('eu', 'uk')`,
  'range partitions of partitions': `create table t (id int, at date not null, kind int not null) partition by range (at); create table t_a partition of t for values from ('2001-01-01') to ('2001-02-01') partition by list (kind); create table t_a_7 partition of t_a for values in (7)`,
  'hash partitions': `create table t (id uuid primary key, body text not null) partition by hash (id); create table t_0 partition of t for values with (modulus 2, remainder 0); create table t_1 partition of t for values with (modulus 2, remainder 1)`,
  'a partition below everything': `create table t (id int not null) partition by range (id); create table t_low partition of t for values from (minvalue) to (10)`,
  'a row that must point to itself': `create table t (id int primary key, parent_id int not null references t)`,
  'two tables that point to each other': `create table other (id int primary key, t_id int not null); create table t (id int primary key, other_id int not null references other); alter table other add foreign key (t_id) references t deferrable`,
  'one child for each parent': `create table parents (id int primary key); insert into parents values (1); create table t (parent_id int primary key references parents); insert into t values (1)`,
  'parents of parents with composite keys': `create table a (x int, y text, primary key (x, y)); create table b (x int, y text, z uuid, primary key (x, z), foreign key (x, y) references a); create table t (id int primary key, x int not null, z uuid not null, foreign key (x, z) references b)`,
  'network, bit, xml and search types': `create table t (id int primary key, a inet not null, b cidr not null, c bit(5) not null, d varbit(3) not null, e tsvector not null, f tsquery not null, g macaddr8 not null, h money not null, i interval not null)`,
  'geometric types': `create table t (id int primary key, a point not null, b line not null, c lseg not null, d box not null, e path not null, f polygon not null, g circle not null)`,
  'extension types in another schema': `create schema ext; create extension citext schema ext; create extension ltree schema ext; create table t (id int primary key, a ext.citext not null unique, b ext.ltree not null)`,
  'a trigger that refuses': `create table t (id int primary key); create function no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$; create trigger no before insert on t for each row execute function no()`,
  'a trigger that fills a column': `create table t (id int primary key, slug text not null); create function fill() returns trigger language plpgsql as $$ begin new.slug := 's' || new.id; return new; end $$; create trigger fill before insert on t for each row execute function fill()`,
  'a parent whose trigger fails on another table': failingElsewhere,
  'narrow types with unique values': `create table t (id smallint primary key, flag char(2) not null unique, share numeric(3, 3) not null)`,
  'checks that build on one another': `create table t (id int primary key, a int not null check (a > 5), b int not null check (b < 20), check (a < b), check (b % 2 = 0))`,
  'a unique pair of labels': `create type side as enum ('left', 'right'); create table t (a side not null, b boolean not null, primary key (a, b)); insert into t values ('left', false), ('left', true), ('right', false)`,
  'odd names': `create table t ("select" int primary key, "a b" text not null check ("a b" <> ''), "reason" text not null, "conflict" text not null)`,
}

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function made(
  text: string,
  underTest: readonly string[] = [],
  pastTriggers = true,
): Promise<string | null> {
  const { admin } = database
  await admin.query('drop schema public cascade; create schema public')
  await admin.query('drop schema if exists ext cascade')
  await admin.query(text)
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const relation = catalog.relations.find(({ name }) => name === 't')
  if (relation === undefined) throw new Error('there is no table t')
  const limits = { ...defaultLimits, statementTimeout: 60_000 }
  return inRolledBackTransaction(admin, limits, async (session) => {
    let last = 0
    const serial = (): number => (last += 1)
    const synthesis = {
      catalog,
      session,
      targets: new Map<string, never>(underTest.map((name) => [name, undefined as never])),
      tenant: 'a',
      user: null,
      memberships: null,
      serial,
      pastTriggers,
    }
    const row = await insertRow(synthesis, relation, {})
    return typeof row === 'string' ? row : null
  })
}

describe('row synthesis', () => {
  it.each(Object.entries(schemas))('makes a row under %s', async (_what, text) => {
    expect(await made(text)).toBeNull()
  })

  it.each([
    [
      'a CHECK that nothing meets',
      `create table t (id int primary key check (id <> id))`,
      'no value found that meets t_id_check of public.t',
    ],
    [
      'rows that need each other and are checked at once',
      `create table other (id int primary key, t_id int not null); create table t (id int primary key, other_id int not null references other); alter table other add foreign key (t_id) references t`,
      'the parents of',
    ],
  ])('names what is in the way: %s', async (_what, text, reason) => {
    expect(await made(text)).toContain(reason)
  })

  it.each([
    ['a label', `create type rank as enum ('chief', 'hand');`, 'rank not null'],
    [
      'a default that a CHECK lists',
      '',
      `text not null default 'chief' check (role in ('chief', 'hand'))`,
    ],
  ])('takes another where a trigger under test refuses %s', async (_what, before, type) => {
    const refusing = `${before} create table t (id int primary key, role ${type});
      create function one_chief() returns trigger language plpgsql as $$
      begin if new.role = 'chief' then raise exception 'one is enough'; end if; return new; end $$;
      create trigger one_chief before insert on t for each row execute function one_chief()`
    expect(await made(refusing, ['public.t'], false)).toBeNull()
  })

  it('goes past no trigger of a table under test', async () => {
    expect(await made(failingElsewhere, ['public.parents'])).toContain('public.parents cannot')
  })
})
