import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import { judgeScript } from '../../../test/judge-script.js'

const mine = `(firm_id = nullif(current_setting('app.firm', true), '')::uuid)`

/** Cases of firms and their papers, which name a case by a key that leaves the firm out. */
const script = (cases: string, key: string): string => `
  ${cases}
  create table public.papers (id uuid primary key, firm_id uuid not null, case_id uuid, foreign key (case_id) ${key});
  alter table public.cases enable row level security; alter table public.papers enable row level security;
  create policy p on public.cases using ${mine}; create policy p on public.papers using ${mine};
  grant select, insert, update, delete on public.cases, public.papers to APP;`

const plain = 'create table public.cases (id uuid primary key, firm_id uuid not null);'
const parts = `
  create table public.cases (id uuid not null, firm_id uuid not null, year int not null) partition by list (year);
  create table public.cases_1 partition of public.cases for values in (1);
  create table public.cases_2 partition of public.cases for values in (2);
  alter table public.cases_1 add unique (id);`

const model: TenancyInput = {
  tenantKey: { column: 'firm_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.firm' },
  schemas: ['public'],
}

async function judge(
  cases: string,
  key: string,
  table: string,
): Promise<Readonly<Record<string, string>>> {
  const { coverage } = await judgeScript(script(cases, key), model, { live: false })
  const own = coverage.filter(({ object }) => object === table)
  return Object.fromEntries(own.map(({ command, verdict }) => [command, verdict]))
}

const proven = { SELECT: 'proven', INSERT: 'proven', UPDATE: 'proven', DELETE: 'proven' }

it('leaves open only the deletion of rows whose key acts when they are deleted', async () => {
  expect(await judge(plain, 'references public.cases on delete cascade', 'public.cases')).toEqual({
    ...proven,
    DELETE: 'unknown',
  })
})

it('leaves open changes of rows whose key acts when they are changed, by ON CONFLICT DO UPDATE too', async () => {
  expect(await judge(plain, 'references public.cases on update cascade', 'public.cases')).toEqual({
    ...proven,
    INSERT: 'unknown',
    UPDATE: 'unknown',
  })
})

it('does not put to an INSERT what a key does when rows of another table are deleted', async () => {
  expect(await judge(plain, 'references public.cases on delete set null', 'public.papers')).toEqual(
    { ...proven, UPDATE: 'unknown' },
  )
})

it('leaves open what commands on a partitioned table do along a key to one of its partitions', async () => {
  const key = 'references public.cases_1 (id) on delete cascade'
  expect(await judge(parts, key, 'public.cases')).toEqual({
    SELECT: 'proven',
    INSERT: 'unknown',
    UPDATE: 'unknown',
    DELETE: 'unknown',
  })
})

it('follows the server, which deletes along such a key when a row moves to another partition', async () => {
  const database = await createTestDatabase()
  const { admin } = database
  const count = async (): Promise<unknown> =>
    (await admin.query('select count(*)::int as count from public.papers')).rows[0]
  try {
    await admin.query(
      script(parts, 'references public.cases_1 (id) on delete cascade').replaceAll(
        'APP',
        'current_user',
      ),
    )
    await admin.query(`
      insert into public.cases select gen_random_uuid(), gen_random_uuid(), 1;
      insert into public.papers select gen_random_uuid(), gen_random_uuid(), id from public.cases`)
    await admin.query('update public.cases set firm_id = firm_id')
    expect(await count()).toEqual({ count: 1 })
    await admin.query('update public.cases set year = 2')
    expect(await count()).toEqual({ count: 0 })
  } finally {
    await database.drop()
  }
})
