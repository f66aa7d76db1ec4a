import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import type { Route } from './route.js'
import { routes } from './routes.js'

type Item = Readonly<Record<string, unknown>>

/** The orders of a list, as the API document names them. */
function sortsOf({ input }: Route): readonly string[] {
  const sort = input.query?.shape['sort']
  if (sort === undefined) return []
  const { enum: values } = Reflect.get(Reflect.get(sort, 'def'), 'innerType') as {
    readonly enum: Readonly<Record<string, string>>
  }
  return Object.values(values)
}

const rounds = Number(process.env['SORT_ROUNDS'] ?? 1)
/** With one round each key is tried in one direction, in turns. */
const isTried = (_sort: string, at: number): boolean => rounds > 1 || at % 4 === 0 || at % 4 === 3

const lists = routes.filter((route) => sortsOf(route).length > 0)
const actorOfTag: Readonly<Record<string, DemoActorKey>> = {
  evaluation: 'schoolAdmin',
  events: 'eventsAdmin',
  platform: 'platformWithoutGrant',
}
const run = '00000000-0000-4000-8000-0000000000b0'
const parameters: Readonly<Record<string, string>> = {
  eventId: demo.events.eventsPublished,
  evaluationId: demoId('eval.evaluations', 2, 1),
  submissionId: demoId('eval.submissions', 2, 1),
  frameworkId: demoId('sec.frameworks', 0, 1),
  runId: run,
}

/** More of what the demo has little of: names that differ by case alone, times that are equal. */
const more = [
  `insert into core.tenants (slug, name, created_at)
   select 'more-' || i, (array['Zebra', 'zebra', 'Éclair', '🦓', 'a "b", c'])[1 + i % 5],
     timestamptz '2026-11-01 10:00:00.654321+00' + i / 4 * interval '1 second'
   from generate_series(1, 9) i`,
  `insert into core.organization_requests (requested_by, organization_name, slug, status,
     decided_by, decided_at, created_at)
   select '${demo.users.visitor}', name, slug, 'rejected', '${demo.users.platformLead}', now(),
     created_at from core.tenants`,
  `insert into core.archive_requests (tenant_id, reason, requested_by, status, decided_by, decided_at,
     created_at)
   select id, slug, '${demo.users.visitor}', 'rejected', '${demo.users.platformLead}', now(),
     created_at from core.tenants`,
  `insert into core.erasures (subject_id, subject_name, subject_slug, reason, export_taken,
     requested_by, requested_at)
   select gen_random_uuid(), name, slug, slug, false, '${demo.users.platformLead}', created_at
   from core.tenants`,
  `insert into ops.isolation_runs (id, status, requested_at, started_at, finished_at, result,
     tool_version, server_version, leaks, changed, report)
   select case when i = 5 then '${run}'::uuid else gen_random_uuid() end, 'finished',
     timestamptz '2026-11-01 10:00:00.654321+00' + i / 3 * interval '1 second', now(), now(),
     'findings', '1', 180000, i % 3, i % 2, jsonb_build_object('findings', (
       select jsonb_agg(jsonb_build_object('rule', 'rule-' || f % 3, 'object', 'public.t' || f % 4,
         'severity', (array['error', 'warning', 'info'])[1 + f / 4], 'message', 'm', 'docs', 'd',
         'key', 'k' || f)) from generate_series(0, 11) f))
   from generate_series(1, 9) i`,
]

let api: PlatformApi
beforeAll(async () => {
  api = await openPlatformApi({ routes: lists })
  for (const statement of more) await api.database.admin.query(statement)
})
afterAll(() => api.close())

/** All pages of a list; `between` runs after each of them. */
async function readAll(
  actor: DemoActorKey,
  path: string,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly Item[]> {
  const items: Item[] = []
  let after = ''
  do {
    const { status, body } = await api.call(actor, 'GET', `${path}${after}`)
    expect(status).toBe(200)
    items.push(...(body['items'] as Item[]))
    after = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    if (after !== '') await between()
  } while (after !== '')
  return items
}

const idOf = (item: Item): string => String(item['id'] ?? item['userId'])

/** Whether a value can be compared as it is: enumerations go by their declaration. */
const isPlain = (name: string): boolean =>
  !/^(status|state|kind|mode|role|purpose|channel|severity)$/.test(name)

const comparable = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value.toLowerCase()).toString('hex') : value

/** Values that stand before one that comes first: those that are not there come last. */
function misplaced(items: readonly Item[], sort: string): readonly unknown[] {
  const name = sort.replace('-', '')
  const values: readonly unknown[] = items.map((item) => item[name] ?? null)
  const isRight = (one: unknown, other: unknown, at: number): boolean => {
    if (one === null || other === null) return other === null
    // Of an enumeration equal values stand together.
    if (!isPlain(name)) return one === other || !values.slice(0, at).includes(other)
    const [first, second] = [comparable(one), comparable(other)] as [string, string]
    return sort.startsWith('-') ? first >= second : first <= second
  }
  return values.filter((value, at) => at > 0 && !isRight(values[at - 1], value, at))
}

describe('every list that can be sorted', () => {
  it.each(lists.map((route) => [route.path, route] as const))(
    '%s gives each row once in each of its orders',
    async (_path, route) => {
      const actor = actorOfTag[route.tag] ?? 'securityAdmin'
      const path = route.path.replaceAll(
        /\{(\w+)\}/g,
        (_all, name: string) => parameters[name] ?? '',
      )
      const ids = (await readAll(actor, `${path}?limit=100`)).map(idOf)
      for (const sort of sortsOf(route).filter(isTried)) {
        const items = await readAll(actor, `${path}?limit=3&sort=${sort}`)
        expect(items.map(idOf).toSorted()).toEqual(ids.toSorted())
        expect(misplaced(items, sort)).toEqual([])
      }
    },
  )

  it('shows an auditor no order by what is redacted for them', async () => {
    for (const sort of ['displayName', '-email']) {
      const items = await readAll('auditorLive', `/members?limit=2&sort=${sort}`)
      const ids = items.map(idOf)
      expect(ids).toEqual(sort.startsWith('-') ? ids.toSorted().toReversed() : ids.toSorted())
      expect(new Set(ids).size).toBe(ids.length)
    }
  })
})

/** Small numbers from a seed, the same ones every time. */
function drawing(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

const seed = Number(process.env['SORT_SEED'] ?? 20_261_122)

describe(`a list that grows while it is read (seed ${String(seed)})`, () => {
  const draw = drawing(seed)
  const names = ['Gate', 'gate', 'ÉCOLE', 'zebra', '🦓 stripes', 'a, "b"', 'Gate 10', 'Gate 9']
  let count = 0
  /** Assets with names and times that many share, and with none. */
  async function insert(rows: number): Promise<readonly string[]> {
    const made: string[] = []
    for (let row = 0; row < rows; row += 1) {
      count += 1
      const seen = draw(3) === 0 ? null : `2026-11-0${String(1 + draw(3))} 10:00:00.123456+00`
      const { rows: inserted } = await api.database.admin.query<{ id: string }>(
        `insert into sec.assets (tenant_id, org_unit_id, hostname, label, kind, last_seen_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) returning id`,
        [
          demo.tenants.security,
          demo.orgUnits.security.southSite,
          `grown-${String(count)}`,
          names[draw(names.length)],
          ['server', 'camera', 'cloud'][draw(3)],
          seen,
          `2026-11-0${String(1 + draw(2))} 10:00:00.654321+00`,
        ],
      )
      made.push(...inserted.map(({ id }) => id))
    }
    return made
  }

  it.each(Array.from({ length: rounds }, (_round, at) => at))(
    'shows each row that was there once and in order, whatever comes in between: round %i',
    async () => {
      const there = await insert(12)
      for (const sort of [
        'displayName',
        '-displayName',
        'lastSeenAt',
        '-lastSeenAt',
        '-kind',
        'createdAt',
      ]) {
        const path = `/assets?limit=${String(3 + draw(5))}&sort=${sort}`
        const items = await readAll('securityAdmin', path, () => insert(1))
        const ids = items.map(idOf)
        expect(new Set(ids).size).toBe(ids.length)
        expect(there.filter((id) => !ids.includes(id))).toEqual([])
        expect(misplaced(items, sort)).toEqual([])
      }
    },
  )
})

describe('a list that comes from a function of the database', () => {
  it('shows each row once and in order, though others come in between', async () => {
    let count = 0
    const insert = async (): Promise<readonly string[]> => {
      count += 1
      const { rows } = await api.database.admin.query<{ id: string }>(
        `insert into core.tenants (slug, name, created_at)
         select 'later-' || $1 || '-' || i, (array['Aard', 'ZEBRA', 'mole'])[i],
           '2026-11-01 10:00:01.654321+00'
         from generate_series(1, 3) i returning id`,
        [count],
      )
      return rows.map(({ id }) => id)
    }
    const there = await insert()
    for (const sort of ['name', '-name', 'createdAt', '-createdAt']) {
      const path = `/platform/tenants?limit=4&sort=${sort}`
      const items = await readAll('platformWithoutGrant', path, insert)
      const ids = items.map(idOf)
      expect(new Set(ids).size).toBe(ids.length)
      expect(there.filter((id) => !ids.includes(id))).toEqual([])
      expect(misplaced(items, sort)).toEqual([])
    }
  })
})

describe('a search', () => {
  it.each([
    ['securityAdmin', '/integrations/destinations', 'name'],
    ['securityAdmin', `/frameworks/${demoId('sec.frameworks', 0, 1)}/controls`, 'title'],
    ['securityAdmin', '/files', 'originalName'],
    ['schoolAdmin', '/evaluations', 'title'],
  ] as const)('by %s of %s finds a part of the %s', async (actor, path, name) => {
    const all = await readAll(actor, `${path}?limit=100`)
    const nameOf = (item: Item | undefined): string => String(item?.[name])
    const part = nameOf(all[0]).slice(1, -1).toUpperCase()
    const found = await readAll(actor, `${path}?limit=2&search=${encodeURIComponent(part)}`)
    const fitting = all.filter((item) => nameOf(item).toUpperCase().includes(part))
    expect(found.map(idOf).toSorted()).toEqual(fitting.map(idOf).toSorted())
    expect(found.length).toBeGreaterThan(0)
    expect(await readAll(actor, `${path}?search=%25_${part.length.toString()}%25`)).toEqual([])
  })
})

describe('a cursor', () => {
  it('of another order is refused with a code of its own', async () => {
    const { body } = await api.call('securityAdmin', 'GET', '/assets?limit=1&sort=displayName')
    const path = `/assets?limit=1&sort=-displayName&after=${String(body['next'])}`
    expect(await api.call('securityAdmin', 'GET', path)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_OF_OTHER_ORDER', errors: [{ pointer: '/query/after' }] },
    })
  })

  const id = '00000000-0000-4000-8000-000000000000'
  it.each([
    ['a time that is none', '-createdAt', 'tomorrow'],
    ['a month that is none', '-createdAt', '2026-13-01T00:00:00.000000Z'],
    ['no key where every row has one', '-createdAt', null],
    ['a NUL', 'displayName', '\0'],
    ['half a character', 'displayName', '\uD800'],
    ['a value of no enumeration', 'kind', 'toaster'],
    ['a list', 'displayName', ['a']],
  ])('that was forged with %s is refused', async (_what, sort, key) => {
    const after = Buffer.from(JSON.stringify([sort, key, id])).toString('base64url')
    const reply = await api.call('securityAdmin', 'GET', `/assets?sort=${sort}&after=${after}`)
    expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })

  it.each(['address', '-', '--createdAt', 'constructor'])('has no order by %s', async (sort) => {
    const { status } = await api.call('securityAdmin', 'GET', `/assets?sort=${sort}`)
    expect(status).toBe(400)
  })
})
