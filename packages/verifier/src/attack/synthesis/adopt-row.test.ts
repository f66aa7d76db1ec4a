import { readCatalog } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { defaultLimits, inRolledBackTransaction } from '../session.js'
import type { ProbeSession } from '../session.js'
import { insertRow } from './insert-row.js'
import type { Values } from './values.js'

/** Who signs up gets a profile from a trigger, before any probe can ask for one. */
const schema = `
  drop schema public cascade; create schema public;
  create table people (id uuid primary key, mail text);
  create table profiles (
    id uuid primary key references people, tenant_id text, mail text not null default ''
  );
  create function welcome() returns trigger language plpgsql as $$
  begin
    insert into profiles (id, mail) values (new.id, coalesce(new.mail, ''));
    return new;
  end $$;
  create trigger welcome after insert on people for each row execute function welcome()`

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  await database.admin.query(schema)
})
afterAll(() => database.drop())

type Make = (fixed: Values) => Promise<Values | string>

async function inProbe(use: (make: Make, session: ProbeSession) => Promise<void>): Promise<void> {
  const catalog = await readCatalog(database.admin, { schemas: 'all' })
  const relation = catalog.relations.find(({ name }) => name === 'profiles')
  if (relation === undefined) throw new Error('there is no table of profiles')
  await inRolledBackTransaction(database.admin, defaultLimits, async (session) => {
    let last = 0
    const synthesis = {
      catalog,
      session,
      targets: new Map(),
      tenant: 'a',
      user: null,
      memberships: null,
      serial: () => (last += 1),
    }
    await use((fixed) => insertRow(synthesis, relation, fixed), session)
  })
}

async function tenants(session: ProbeSession): Promise<unknown> {
  const read = await session.admin(
    sql`select tenant_id as tenant from profiles where tenant_id is not null order by 1`,
  )
  return read.ok ? read.rows.map((row) => row['tenant']) : read.sqlState
}

const somebody = '00000000-0000-4000-8000-0000000000a1'

describe('a row that a trigger stores beside its parent', () => {
  it('is taken and gets the tenant that was asked for', () =>
    inProbe(async (make, session) => {
      expect(await make({ tenant_id: 'a' })).toMatchObject({ tenant_id: 'a' })
      expect(await tenants(session)).toEqual(['a'])
    }))

  it('is taken where its key is asked for', () =>
    inProbe(async (make) => {
      expect(await make({ id: somebody, tenant_id: 'a' })).toMatchObject({
        id: somebody,
        tenant_id: 'a',
      })
    }))

  it('is taken once: the next tenant gets a person and a profile of its own', () =>
    inProbe(async (make, session) => {
      await make({ tenant_id: 'a' })
      await make({ tenant_id: 'b' })
      expect(await tenants(session)).toEqual(['a', 'b'])
    }))

  it('is not moved to another tenant by whoever asks for its key again', () =>
    inProbe(async (make, session) => {
      await make({ id: somebody, tenant_id: 'a' })
      expect(await make({ id: somebody, tenant_id: 'b' })).toContain('23505')
      expect(await tenants(session)).toEqual(['a'])
    }))

  it('is left alone where a statement of its own stored it', () =>
    inProbe(async (make, session) => {
      await session.admin(sql`alter table people disable trigger welcome`)
      await session.keep(() => session.admin(sql`insert into people (id) values ($1)`, [somebody]))
      await session.keep(() =>
        session.admin(sql`insert into profiles (id, tenant_id) values ($1, 'a')`, [somebody]),
      )
      expect(await make({ id: somebody, tenant_id: 'b' })).toContain('23505')
      expect(await tenants(session)).toEqual(['a'])
    }))
})
