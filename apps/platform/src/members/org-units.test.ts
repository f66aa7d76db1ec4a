import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Method, People } from '../../test/identity/people.js'
import { openPeople } from '../../test/identity/people.js'
import { raced } from '../../test/identity/raced.js'
import { demo, demoId } from '../demo-data/index.js'
import { changeOrgUnit, pathToRoot } from './org-unit-repository.js'

let people: People
const { tenants, users } = demo
const { school, security } = demo.orgUnits

beforeAll(async () => {
  people = await openPeople()
}, 120_000)
afterAll(() => people.close())
// Each test begins with the people of the demo as they are.
beforeEach(() => people.keep())
afterEach(() => people.restore())

describe('the tree of org units', () => {
  it('grows, is renamed and archived where the caller works', async () => {
    const made = await people.as('jonas', 'POST', '/org-units', {
      name: ' Biology ',
      slug: 'biology',
    })
    expect(made).toMatchObject({ status: 201, body: { parentId: school.science, name: 'Biology' } })
    const id = String(made.body['id'])
    const twin = { parentId: school.science, name: 'Again', slug: 'biology' }
    expect((await people.as('greta', 'POST', '/org-units', twin)).status).toBe(409)
    const renamed = await people.as('jonas', 'PATCH', `/org-units/${id}`, { name: 'Life sciences' })
    expect(renamed.body).toMatchObject({ name: 'Life sciences', slug: 'biology' })
    expect((await people.as('jonas', 'POST', `/org-units/${id}/archive`)).status).toBe(200)
    expect((await people.as('jonas', 'POST', `/org-units/${id}/archive`)).status).toBe(409)
    expect((await people.as('greta', 'POST', '/org-units', twin)).status).toBe(201)
    const live = await people.as('jonas', 'GET', '/org-units')
    expect(live.items.map((item) => item['id'])).not.toContain(id)
    const archived = await people.as('jonas', 'GET', '/org-units?archived=true')
    expect(archived.items.map((item) => item['id'])).toEqual([id])
  })

  it('is changed by nobody from beside, below or elsewhere', async () => {
    const unit = { name: 'New', slug: 'new' }
    const tries: readonly [string, Method, string, object | undefined, number][] = [
      ['sofia', 'POST', '/org-units', unit, 403],
      ['jonas', 'POST', '/org-units', { ...unit, parentId: school.languages }, 400],
      ['ada', 'POST', '/org-units', { ...unit, parentId: school.root }, 400],
      ['greta', 'POST', '/org-units', { ...unit, parentId: school.latin }, 400],
      ['jonas', 'PATCH', `/org-units/${school.languages}`, { name: 'x' }, 404],
      ['jonas', 'PATCH', `/org-units/${school.science}`, { name: 'x' }, 409],
      ['jonas', 'POST', `/org-units/${school.physics}/move`, { parentId: school.languages }, 400],
      ['greta', 'POST', `/org-units/${school.root}/move`, { parentId: school.science }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: school.class10a }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: school.science }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: security.root }, 400],
      ['ada', 'POST', `/org-units/${school.science}/archive`, undefined, 404],
      ['greta', 'POST', `/org-units/${school.physics}/archive`, undefined, 409],
      ['greta', 'POST', `/org-units/${school.class10a}/archive`, undefined, 409],
      ['ada', 'GET', `/org-units/${school.science}`, undefined, 404],
      ['jonas', 'GET', `/org-units/${school.languages}`, undefined, 404],
      ['ada', 'GET', `/org-units/${demoId('core.org_units', 9, 9)}`, undefined, 404],
      ['ada', 'POST', '/org-units', { name: 'x', slug: 'Not A Slug' }, 400],
    ]
    for (const [who, method, path, body, status] of tries) {
      expect([who, path, (await people.as(who, method, path, body)).status]).toEqual([
        who,
        path,
        status,
      ])
    }
  })

  it('takes what is below a unit along', async () => {
    const moved = await people.as('greta', 'POST', `/org-units/${school.physics}/move`, {
      parentId: school.languages,
    })
    expect(moved.body).toMatchObject({ parentId: school.languages })
    expect((await people.as('jonas', 'GET', `/org-units/${school.class10a}`)).status).toBe(404)
  })

  it('has no cycle when two units are moved below each other at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const replies = await Promise.all([
        people.as('greta', 'POST', `/org-units/${school.science}/move`, {
          parentId: school.languages,
        }),
        people.as('greta', 'POST', `/org-units/${school.languages}/move`, {
          parentId: school.physics,
        }),
      ])
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const { rows } = await people.server.database.admin.query<{ reached: number; all: number }>(
        `with recursive down as (
           select id from core.org_units where tenant_id = $1 and parent_id is null
           union select o.id from core.org_units o join down d on o.parent_id = d.id)
         select (select count(*)::int from down) as reached,
           (select count(*)::int from core.org_units where tenant_id = $1) as all`,
        [tenants.school],
      )
      expect(rows[0]?.reached).toBe(rows[0]?.all)
      await people.server.database.admin.query(
        'update core.org_units set parent_id = $1 where id in ($2, $3)',
        [school.root, school.science, school.languages],
      )
    }
  })

  it('would have one without the lock: the control', async () => {
    const { admin, url } = people.server.database
    const goal: Readonly<Record<string, string>> = {
      [school.science]: school.languages,
      [school.languages]: school.physics,
    }
    await raced(
      url,
      async (client, of) => {
        expect(await pathToRoot(client, goal[of] ?? '')).not.toContain(of)
      },
      async (client, of) => {
        await changeOrgUnit(client, true, of, { parentId: goal[of] })
      },
      [school.science, school.languages],
    )
    expect(await pathToRoot(admin, school.physics)).not.toContain(school.root)
  })

  it('is never archived under somebody who is just moving in', async () => {
    const made = await people.as('greta', 'POST', '/org-units', { name: 'Art', slug: 'art' })
    const id = String(made.body['id'])
    const [placed, archived] = await Promise.all([
      people.as('greta', 'PUT', `/members/${users.schoolPupil}/org-units/${id}`, { scope: 'unit' }),
      people.as('greta', 'POST', `/org-units/${id}/archive`),
    ])
    expect([placed.status, archived.status].toSorted()).toEqual([200, 409])
  })
})
