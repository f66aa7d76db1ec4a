import { expect, it } from 'vitest'
import { attackSql, describeAttack } from '../../../../test/describe-attack.js'
import { endedGrant } from './index.js'

describeAttack(endedGrant, import.meta.url)

const me = `current_setting('app.user_id', true)`
const tables = `create table notes (id int primary key, tenant_id text not null);
  create table files (id int primary key, tenant_id text not null);
  insert into notes values (1, 'a'), (2, 'b'); insert into files values (1, 'a'), (2, 'b');
  alter table notes enable row level security; alter table files enable row level security;
  grant select on notes, files to app_user;`
const grants = (columns: string): string =>
  `create table helpers (person text not null, tenant_id text not null, ${columns}, primary key (person, tenant_id));
   alter table helpers enable row level security; grant select on helpers to app_user;
   create policy own on helpers using (person = ${me});`
const through = (table: string, extra = ''): string =>
  `create policy p on ${table} using (tenant_id = current_setting('app.tenant_id', true)
     or tenant_id in (select h.tenant_id from helpers h where h.person = ${me} ${extra}));`

const onNotes = async (text: string): Promise<readonly string[]> =>
  (await attackSql(endedGrant, tables + text))
    .filter(({ object }) => object === 'public.notes')
    .map(({ outcome }) => outcome.kind)

it.each([
  ['a flag that withdraws', 'is_revoked boolean not null default false', ''],
  [
    'the state that another policy asks for',
    `phase text not null default 'live'`,
    `and h.phase = 'live'`,
  ],
  [
    'the state that another policy asks for, in a column called as if it held ranks',
    `access text not null default 'active'`,
    `and h.access = 'active'`,
  ],
  [
    'the time that another policy compares with now',
    'horizon timestamptz not null',
    'and h.horizon > now()',
  ],
  [
    'the mark that another policy wants to be absent',
    'left_behind timestamptz',
    'and h.left_behind is null',
  ],
])('finds a policy that ignores %s', async (_name, columns, sibling) => {
  expect(await onNotes(grants(columns) + through('notes') + through('files', sibling))).toEqual([
    'leak',
  ])
})

it.each([
  ['a moment that limits nothing', 'joined_at timestamptz not null', ''],
  ['a flag that limits nothing', 'is_loud boolean not null default false', ''],
  ['a term that the policy asks for', 'ends_at timestamptz not null', 'and h.ends_at > now()'],
])('says nothing of %s', async (_name, columns, condition) => {
  expect(await onNotes(grants(columns) + through('notes', condition))).toEqual([])
})

it.each([`role text not null default 'member'`, `access_level text not null default 'reader'`])(
  'takes the rank that another policy asks for, %s, for no end',
  async (column) => {
    const [name = ''] = column.split(' ')
    const staff = through('files', `and h.${name} = 'chief'`)
    expect(await onNotes(grants(column) + through('notes') + staff)).toEqual([])
  },
)
