import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../../expr/index.js'
import { createTestDatabase } from '../../../../../test/database.js'
import { inferModel } from './infer-model.js'

beforeAll(loadParser)

const parcels = `
  create table parcels (id int primary key, tenant_id int not null, label text);
  alter table parcels enable row level security;
  create table depots (id int primary key, tenant_id int not null, name text);
  alter table depots enable row level security;`
const own = `(tenant_id = current_setting('app.tenant', true)::int)`

describe('the role of the application is', () => {
  it.each([
    [
      'the one that policies let in, not the one with more grants',
      `${parcels}
       create policy own on parcels to MEMBER using ${own}; create policy own on depots to MEMBER using ${own};
       grant select, insert, update, delete on parcels, depots to GUEST;
       create table notices (id int); alter table notices enable row level security;
       grant all on notices to GUEST;
       grant select, update on parcels, depots to MEMBER;`,
      'member',
    ],
    [
      'the one with more tables where policies are for everybody',
      `${parcels}
       create policy own on parcels using ${own}; create policy own on depots using ${own};
       grant select on parcels to GUEST; grant select, update on parcels, depots to MEMBER;`,
      'member',
    ],
    [
      'the one that policies show its own rows, not the one that backs all of them up',
      `${parcels}
       create policy own on parcels to MEMBER using ${own}; create policy own on depots to MEMBER using ${own};
       create policy every on parcels to GUEST using (true); create policy every on depots to GUEST using (true);
       create table versions (id int); grant select on parcels, depots, versions to GUEST;
       grant select, update on parcels, depots to MEMBER;`,
      'member',
    ],
    [
      'the owner where nothing is granted, though a dump does not say that it may log in',
      `${parcels} create policy own on parcels using ${own};
       alter table parcels owner to MEMBER; alter table depots owner to MEMBER;`,
      'member',
    ],
    [
      'the owner that may log in before one that may not',
      `${parcels} create policy own on parcels using ${own};
       create table rates (id int); alter table rates owner to GUEST;
       alter table parcels owner to GUEST; alter table depots owner to MEMBER;
       alter role MEMBER login;`,
      'member',
    ],
  ])('%s', async (_name, text, expected) => {
    const database = await createTestDatabase()
    try {
      const role = (name: string): string => `${database.rolePrefix}_${name}`
      await database.admin.query(`create role ${role('member')}; create role ${role('guest')};`)
      await database.admin.query(
        text.replaceAll('MEMBER', role('member')).replaceAll('GUEST', role('guest')),
      )
      const { model } = inferModel(await readCatalog(database.admin, { schemas: 'all' }))
      expect(model.roles.app).toBe(role(expected))
    } finally {
      await database.drop()
    }
  })
})

it('takes the role of users for the application where a gateway has the same grants without one', async () => {
  const database = await createTestDatabase()
  try {
    const role = (name: string): string => `${database.rolePrefix}_${name}`
    await database.admin.query(
      `create role ${role('member')}; create role ${role('guest')}; ${parcels}
       create policy own on parcels using ${own}; create policy notices on depots to ${role('guest')} using (true);
       grant select, update on parcels, depots to ${role('member')}, ${role('guest')};`,
    )
    const catalog = JSON.stringify(await readCatalog(database.admin, { schemas: 'all' }))
    const inferred = (member: string, guest: string): string | null => {
      const named = catalog.replaceAll(role('member'), member).replaceAll(role('guest'), guest)
      return inferModel(JSON.parse(named) as CatalogSnapshot).model.roles.app
    }
    expect(inferred('authenticated', 'anon')).toBe('authenticated')
    expect(inferred('member', 'anon')).toBe('anon')
  } finally {
    await database.drop()
  }
})
