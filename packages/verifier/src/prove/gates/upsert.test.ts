import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import { judgeScript } from '../../../test/judge-script.js'

const me = `nullif(current_setting('app.user', true), '')::uuid`

/** Whoever is somebody may change the row that says where they belong, and so go anywhere. */
const tables = `
  create table people (id uuid primary key, crew_id uuid not null);
  create table notes (id uuid primary key, crew_id uuid not null);
  alter table people enable row level security; alter table notes enable row level security;
  create policy see on people for select using (id = ${me});
  create policy change on people for update using (id = ${me});
  create policy p on notes using (crew_id = (select p.crew_id from public.people p where p.id = ${me}));
  grant select, insert, update on people to APP; grant select on notes to APP;`

async function judge(policies: string): Promise<Readonly<Record<string, string>>> {
  const { coverage } = await judgeScript(`${tables} ${policies}`, {
    tenantKey: { column: 'crew_id', type: 'uuid' },
    context: {
      kind: 'membership',
      user: { guc: 'app.user' },
      via: { table: 'public.people', user: 'id', tenant: 'crew_id' },
    },
    schemas: ['public'],
    tables: { 'public.people': { scope: 'tenant' }, 'public.notes': { scope: 'tenant' } },
  })
  return Object.fromEntries(
    coverage.map(({ object, command, verdict, reason }) => [
      `${object} ${command}`,
      `${verdict}: ${reason}`,
    ]),
  )
}

describe('INSERT with ON CONFLICT DO UPDATE', () => {
  it('does not put an open UPDATE down to INSERT, which no policy admits', async () => {
    const cells = await judge('')
    expect(cells['public.people INSERT']).toMatch(/^not-applicable/)
    expect(JSON.stringify(cells)).toContain('may be able to UPDATE public.people')
    expect(JSON.stringify(cells)).not.toContain('may be able to INSERT public.people')
  })

  it('leaves INSERT open where a policy admits rows and UPDATE is open', async () => {
    const cells = await judge(`create policy join_in on people for insert with check (
      id = ${me} and crew_id = (select p.crew_id from public.people p where p.id = ${me}))`)
    expect(cells['public.people INSERT']).not.toMatch(/^proven/)
  })

  it('is refused by the server before the conflict, where no policy admits the row', async () => {
    const database = await createTestDatabase()
    const { admin, rolePrefix } = database
    const app = `${rolePrefix}_app`
    try {
      await admin.query(`create role ${app}; ${tables.replaceAll('APP', app)}
        insert into people values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a')`)
      await admin.query(
        `select set_config('app.user', '00000000-0000-4000-8000-000000000001', false)`,
      )
      const upsert = async (): Promise<number | null> => {
        await admin.query(`set role ${app}`)
        const { rowCount } = await admin.query(
          `insert into people select id, crew_id from people on conflict (id) do update set crew_id = gen_random_uuid()`,
        )
        return rowCount
      }
      await expect(upsert()).rejects.toMatchObject({ code: '42501' })
      await admin.query('reset role; create policy join_in on people for insert with check (true)')
      expect(await upsert()).toBe(1)
    } finally {
      await admin.query('reset role')
      await database.drop()
    }
  })
})
