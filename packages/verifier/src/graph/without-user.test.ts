import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { claimsWithoutUser } from './without-user.js'

it('takes a role called anon for one without users, whatever else it is declared for, unless it is the application’s', async () => {
  const database = await createTestDatabase()
  try {
    const role = `${database.rolePrefix}_guest`
    await database.admin.query(`create role ${role}`)
    const read = JSON.stringify(await readCatalog(database.admin, { schemas: 'all' }))
    const catalog = JSON.parse(read.replaceAll(role, 'anon')) as CatalogSnapshot
    const absentFor = (roles: object): readonly string[] | undefined => {
      const model = defineTenancy({
        context: { kind: 'jwt-claims', guc: 'Request.JWT.claims', tenant: '/org', user: '/sub' },
        roles,
        schemas: ['public'],
      })
      return claimsWithoutUser(model, catalog, 'anon')?.absent
    }
    const absent = ['/sub', '/org']
    expect(absentFor({ app: 'authenticated' })).toEqual(absent)
    expect(absentFor({ app: 'authenticated', worker: 'anon' })).toEqual(absent)
    expect(absentFor({ app: 'anon' })).toBeUndefined()
  } finally {
    await database.drop()
  }
})
