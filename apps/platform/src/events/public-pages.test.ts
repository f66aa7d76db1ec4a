import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BoundTxManager } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo } from '../demo-data/index.js'
import { eventsRoutes } from './routes.js'

let api: ApiCaller
let opened: OpenTxManager
let anyone: BoundTxManager

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
  opened = await openTxManager(roleUrls(api.database), api.database.signingKey, 1)
  anyone = opened.tx.asPublic()
})
afterAll(async () => {
  await opened.close()
  await api.close()
})

const get = (path: string): Promise<ApiReply> => api.call(null, 'GET', path)

async function titles(query = ''): Promise<unknown[]> {
  const { status, items } = await get(`/public/events?limit=100${query}`)
  expect(status).toBe(200)
  return items.map(({ title }) => title)
}

async function withTenant(id: string, change: string, then: () => Promise<void>): Promise<void> {
  const { admin } = api.database
  const before = await admin.query<{ status: string; has_public_page: boolean }>(
    'select status, has_public_page from core.tenants where id = $1',
    [id],
  )
  await admin.query(change, [id])
  try {
    await then()
  } finally {
    const [row] = before.rows
    await admin.query(
      `update core.tenants set status = $2, has_public_page = $3,
         suspended_at = case when $2 = 'suspended'::core.tenant_status then now() end
       where id = $1`,
      [id, row?.status, row?.has_public_page],
    )
  }
}

const suspend = "update core.tenants set status = 'suspended', suspended_at = now() where id = $1"
const hide = 'update core.tenants set has_public_page = false where id = $1'

describe('the listing of all tenants', () => {
  it('shows published events of tenants with a public page, soonest first, and nothing else', async () => {
    const { items } = await get('/public/events?limit=100')
    expect(items.map(({ title, organization }) => [organization, title])).toEqual([
      ['lindenhof-school', 'Science fair'],
      ['harbour-events', 'Harbour festival'],
      ['harbour-events', 'Night cruise'],
    ])
    expect(Object.keys(items[0] ?? {}).toSorted()).toEqual([
      'categories',
      'city',
      'country',
      'endsAt',
      'id',
      'organization',
      'organizationName',
      'slug',
      'startsAt',
      'summary',
      'timeZone',
      'title',
      'venue',
    ])
  })

  it('is filtered by title, place, category and time', async () => {
    expect(await titles('&title=SCI')).toEqual(['Science fair'])
    expect(await titles('&title=fair')).toEqual([])
    expect(await titles('&title=%25')).toEqual([])
    expect(await titles('&country=DE')).toHaveLength(3)
    expect(await titles('&country=FR')).toEqual([])
    const { items } = await get('/public/events?category=education')
    for (const { categories } of items) expect(categories).toContain('education')
    const food = await get('/public/events?category=food')
    for (const { categories } of food.items) expect(categories).toContain('food')
    expect(food.items.length + items.length).toBe(3)
    const [first] = (await get('/public/events')).items
    const city = String(first?.['city'])
    const there = await get(`/public/events?city=${city.toUpperCase()}`)
    expect(there.items.map(({ city: each }) => each)).toContain(city)
    const start = encodeURIComponent(String(first?.['startsAt']))
    expect(await titles(`&until=${start}`)).toEqual([])
    expect(await titles(`&from=${start}`)).toHaveLength(3)
    for (const query of ['category=A%20B', 'country=de', 'from=now', 'offset=5', 'limit=0']) {
      expect((await get(`/public/events?${query}`)).status).toBe(400)
    }
  })

  it.each(['', '&country=DE', '&category=food', '&title=n'])(
    'continues where the page before ended%s',
    async (query) => {
      const seen: unknown[] = []
      let next: unknown = null
      do {
        const after = typeof next === 'string' ? `&after=${next}` : ''
        const { body, items } = await get(`/public/events?limit=1${query}${after}`)
        seen.push(...items.map(({ title }) => title))
        next = body['next']
      } while (next !== null)
      expect(seen).toEqual(await titles(query))
    },
  )
})

describe('public pages', () => {
  it('are found by organisation and slug together, since a slug is unique in one tenant only', async () => {
    const harbour = await get('/public/o/harbour-events/e/summer-party')
    const school = await get('/public/o/lindenhof-school/e/summer-party')
    expect([harbour.body['title'], school.body['title']]).toEqual([
      'Harbour festival',
      'Science fair',
    ])
  })

  it('show the ticket types that anybody may have, and no other', async () => {
    const { body } = await get('/public/o/harbour-events/e/summer-party')
    const ticketTypes = body['ticketTypes'] as Record<string, unknown>[]
    expect(ticketTypes.map(({ name }) => name)).toEqual(['Admission'])
    expect(Object.keys(ticketTypes[0] ?? {}).toSorted()).toEqual([
      'currency',
      'description',
      'id',
      'isSoldOut',
      'name',
      'priceCents',
      'salesFrom',
      'salesUntil',
    ])
    const text = JSON.stringify(body)
    expect(text).not.toMatch(
      /contact|internal|budget|capacity|placesTaken|tenantId|quantity|sold"/i,
    )
  })

  it.each([
    ['a draft', '/public/o/harbour-events/e/winter-market'],
    ['a cancelled event', '/public/o/harbour-events/e/regatta'],
    ['an event of a tenant without a public page', '/public/o/northgate-security/e/summer-party'],
    ['an event of another organisation', '/public/o/lindenhof-school/e/night-cruise'],
    ['an event that there is not', '/public/o/harbour-events/e/nothing'],
    ['an organisation without a public page', '/public/o/northgate-security'],
    ['an organisation that there is not', '/public/o/nobody'],
    ['the calendar of a draft', '/public/o/harbour-events/e/winter-market/calendar'],
  ])('are not there for %s, all alike', async (_, path) => {
    const { status, body } = await get(path)
    expect([status, body]).toEqual([
      404,
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'NOT_FOUND',
        detail: 'no such object',
      },
    ])
  })

  it('list what an organisation has coming up', async () => {
    const { body } = await get('/public/o/harbour-events')
    const { items } = body['events'] as { items: { slug: string }[] }
    expect(items.map(({ slug }) => slug)).toEqual(['summer-party', 'night-cruise'])
  })

  it('come as a calendar entry', async () => {
    const { text, type } = await get('/public/o/harbour-events/e/summer-party/calendar')
    expect(type).toBe('text/calendar; charset=utf-8')
    expect(text).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n/)
    expect(text).toMatch(/\r\nDTSTART:\d{8}T\d{6}Z\r\n/)
    expect(text).toContain('\r\nSUMMARY:Harbour festival\r\n')
  })

  it.each([
    ['suspended', suspend],
    ['without a public page', hide],
  ])('vanish with a tenant that is %s, and take no registration', async (_, change) => {
    await withTenant(demo.tenants.events, change, async () => {
      expect(await titles()).toEqual(['Science fair'])
      expect((await get('/public/o/harbour-events/e/summer-party')).status).toBe(404)
      const reply = await api.call(
        null,
        'POST',
        '/public/o/harbour-events/e/summer-party/registrations',
        { name: 'A', email: 'a@b.example', ticketTypeId: demo.events.eventsPublished },
      )
      expect(reply.status).toBe(404)
      const { rows } = await anyone.query('select tenant_id from evt.events')
      expect(rows.map((row) => row['tenant_id'])).toEqual([demo.tenants.school])
      const types = await anyone.query('select distinct tenant_id from evt.ticket_types')
      expect(types.rows.map((row) => row['tenant_id'])).toEqual([demo.tenants.school])
    })
    expect(await titles()).toHaveLength(3)
  })
})

describe('in the database, mode public', () => {
  it('reads the published columns of three tables, and no other column of any table', async () => {
    const { schemas, tables } = api.database.model
    const { rows } = await anyone.query<{ column: string }>(
      `select distinct concat_ws('.', n.nspname, c.relname, a.attname) as column
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm')
         and has_column_privilege(c.oid, a.attnum, 'SELECT')`,
      [schemas],
    )
    // Each is there twice: in its table, and in the view that holds nothing else.
    const readable = new Set(rows.map(({ column }) => column.replace('_public.', '.')))
    const published = tables.flatMap(({ table, public: projection }) =>
      (projection?.columns ?? []).map((name) => `${table.schema}.${table.name}.${name}`),
    )
    expect([...readable].toSorted()).toEqual(published.toSorted())
    expect(rows).toHaveLength(2 * published.length)
    for (const column of ['internal_note', 'contact_email', 'capacity', 'status', 'created_by']) {
      const text = sql`select ${ident(column)} from evt.events`.text
      await expect(anyone.query(text)).rejects.toMatchObject({ sqlState: '42501' })
    }
  })

  it.each([
    'select id from evt.registrations',
    'select id from evt.waitlist_entries',
    'select id from evt.check_ins',
    "insert into evt.registrations (attendee_name) values ('x')",
    "update evt.events set title = 'x'",
    'delete from evt.ticket_types',
    'select sold from evt.ticket_types',
    'select id from core.users',
  ])('is refused: %s', async (text) => {
    await expect(anyone.query(text)).rejects.toMatchObject({ sqlState: '42501' })
  })

  it('would show events of a suspended tenant, were they not public through their tenant', async () => {
    const { admin } = api.database
    await withTenant(demo.tenants.events, suspend, async () => {
      const count = async (): Promise<number> =>
        (await anyone.query('select id from evt.events')).rows.length
      expect(await count()).toBe(1)
      const policies = ['watertight_public_select', 'watertight_public_guard']
      for (const policy of policies) {
        const change = sql`alter policy ${ident(policy)} on evt.events
          using (status = 'published' and deleted_at is null)`
        await admin.query(change.text)
      }
      expect(await count()).toBeGreaterThan(1)
    })
  })
})
