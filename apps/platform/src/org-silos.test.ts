import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContextInput, Transaction } from 'watertight/runtime'
import type { PlatformDatabase } from '../test/platform-database.js'
import { createPlatformDatabase } from '../test/platform-database.js'
import { openTxManager } from './boot/open-tx-manager.js'
import type { OpenTxManager } from './boot/open-tx-manager.js'
import { demo, demoActors } from './demo-data/index.js'
import type { DemoActorKey } from './demo-data/index.js'

const { security, school, events } = demo.orgUnits

let database: PlatformDatabase
let opened: OpenTxManager

beforeAll(async () => {
  database = await createPlatformDatabase()
  const urlOf = (mode: Parameters<PlatformDatabase['role']>[0]): string =>
    database.urlFor(database.role(mode))
  opened = await openTxManager(
    {
      app: urlOf('app'),
      worker: urlOf('worker'),
      auditor: urlOf('auditor'),
      platform: urlOf('platform'),
      public: urlOf('public'),
    },
    database.signingKey,
  )
})

afterAll(async () => {
  await opened.close()
  await database.drop()
})

/** Thrown to undo what a transaction did, with what it found out. */
class Undone extends Error {
  readonly found: unknown

  constructor(found: unknown) {
    super('undone')
    this.found = found
  }
}

/** Runs as a member and undoes it; returns what `use` found out. */
async function tried(
  claims: TenantContextInput,
  use: (tx: Transaction) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await opened.tx.run(parseTenantContext(claims), async (tx) => {
      throw new Undone(await use(tx))
    })
  } catch (error) {
    if (error instanceof Undone) return error.found
    throw error
  }
}

function claimsOf(actor: DemoActorKey): TenantContextInput {
  return demoActors[actor].claims
}

function pupilAt(orgUnitId: string, orgScope: 'unit' | 'subtree' = 'unit'): TenantContextInput {
  return {
    mode: 'member',
    tenantId: demo.tenants.school,
    userId: demo.users.schoolPupil,
    orgScope,
    orgUnitId,
  }
}

/** The distinct org units of the rows that somebody who supervises sees in a table. */
async function unitsSeen(claims: TenantContextInput, table: string): Promise<string[]> {
  const { rows } = await opened.tx.query<{ unit: string }>(
    parseTenantContext({ ...claims, capabilities: ['evaluations.supervise'] }),
    `select distinct org_unit_id as unit from ${table} order by 1`,
  )
  return rows.map(({ unit }) => unit)
}

const orgTables = [
  'sec.assets',
  'sec.alerts',
  'sec.tickets',
  'eval.evaluations',
  'eval.evaluation_versions',
  'eval.sessions',
  'eval.submissions',
  'eval.submission_score_versions',
] as const

describe.each(orgTables)('in %s', (table) => {
  test.each<[string, TenantContextInput, string[]]>([
    ['a pupil sees the own class', claimsOf('schoolPupil'), [school.class10a]],
    [
      'a pupil of the sibling class sees that class',
      claimsOf('schoolClassmate'),
      [school.class10b],
    ],
    [
      'the head of science sees three levels below and not the languages',
      claimsOf('schoolManager'),
      [school.physics, school.class10a, school.class10b],
    ],
    [
      'the head of physics sees two levels below',
      pupilAt(school.physics, 'subtree'),
      [school.physics, school.class10a, school.class10b],
    ],
    [
      'a subtree without units below is the unit',
      pupilAt(school.class10b, 'subtree'),
      [school.class10b],
    ],
    [
      'the tenant admin sees every unit of the tenant',
      claimsOf('schoolAdmin'),
      [school.physics, school.class10a, school.class10b, school.languages],
    ],
    ['the root as a unit is not the root as a subtree', pupilAt(school.root), []],
    [
      'the root as a subtree is the whole tenant',
      pupilAt(school.root, 'subtree'),
      [school.physics, school.class10a, school.class10b, school.languages],
    ],
    ['a unit of another tenant yields nothing', pupilAt(security.northSite), []],
    ['the root of another tenant yields nothing', pupilAt(security.root, 'subtree'), []],
    ['a unit that does not exist yields nothing', pupilAt(demo.tenants.school, 'subtree'), []],
    ['an archived unit yields what is in it', pupilAt(school.latin), []],
  ])('%s', async (_what, claims, units) => {
    const filled = await database.admin.query<{ unit: string }>(
      `select distinct org_unit_id as unit from ${table}`,
    )
    const isFilled = new Set(filled.rows.map(({ unit }) => unit))
    expect(isFilled).toContain(school.class10b)
    expect(await unitsSeen(claims, table)).toEqual(
      units.filter((unit) => isFilled.has(unit)).sort(),
    )
  })
})

describe('a silo', () => {
  test('keeps siblings from reading each other by id', async () => {
    const { rows } = await database.admin.query<{ id: string }>(
      'select id from eval.evaluations where org_unit_id = $1',
      [school.class10b],
    )
    const text = 'select id from eval.evaluations where id = $1'
    const ids = [rows[0]?.id]
    const pupil = await opened.tx.query(parseTenantContext(claimsOf('schoolPupil')), text, ids)
    const mate = await opened.tx.query(parseTenantContext(claimsOf('schoolClassmate')), text, ids)
    expect([pupil.rows.length, mate.rows.length]).toEqual([0, 1])
  })

  test('keeps siblings from changing and deleting each other’s rows', async () => {
    const touched = await tried(claimsOf('schoolPupil'), async (tx) => {
      const updated = await tx.query("update sec.assets set label = 'mine'")
      const deleted = await tx.query('delete from sec.tickets')
      return [updated.rowCount, deleted.rowCount]
    })
    expect(touched).toEqual([1, 1])
  })

  test.each<[string, TenantContextInput, string]>([
    ['a sibling class', claimsOf('schoolPupil'), school.class10b],
    ['the unit above', claimsOf('schoolPupil'), school.physics],
    ['the root', claimsOf('schoolPupil'), school.root],
    ['another branch', claimsOf('schoolManager'), school.languages],
    ['a unit of another tenant', claimsOf('schoolAdmin'), security.northSite],
  ])('lets nobody move or insert a row to %s', async (_where, claims, unit) => {
    const refusal = { code: 'ACCESS_DENIED', sqlState: '42501' }
    const move = tried(claims, (tx) => tx.query('update sec.assets set org_unit_id = $1', [unit]))
    await expect(move).rejects.toMatchObject(refusal)
    const insert = tried(claims, (tx) =>
      tx.query(
        `insert into sec.assets (org_unit_id, hostname, kind) values ($1, 'planted', 'server')`,
        [unit],
      ),
    )
    await expect(insert).rejects.toMatchObject(refusal)
  })

  test('lets a manager move rows inside the subtree and insert there', async () => {
    const moved = await tried(claimsOf('schoolManager'), async (tx) => {
      const { rowCount } = await tx.query('update sec.assets set org_unit_id = $1', [
        school.class10b,
      ])
      await tx.query(
        `insert into sec.assets (org_unit_id, hostname, kind) values ($1, 'lab-1', 'server')`,
        [school.science],
      )
      return rowCount
    })
    expect(moved).toBe(3)
  })

  test('does not let a forged claim of a foreign unit plant a row: the reference has the tenant', async () => {
    const insert = tried(pupilAt(security.northSite), (tx) =>
      tx.query(
        `insert into sec.assets (org_unit_id, hostname, kind) values ($1, 'planted', 'server')`,
        [security.northSite],
      ),
    )
    await expect(insert).rejects.toMatchObject({ sqlState: '23503' })
  })

  test('follows the tree as it is: a unit below another manager is gone at once', async () => {
    const seen = (): Promise<string[]> => unitsSeen(claimsOf('schoolManager'), 'sec.assets')
    const move = 'update core.org_units set parent_id = $1 where id = $2'
    expect(await seen()).toContain(school.class10b)
    await database.admin.query(move, [school.languages, school.class10b])
    expect(await seen()).not.toContain(school.class10b)
    await database.admin.query(move, [school.physics, school.class10b])
    expect(await seen()).toContain(school.class10b)
  })
})

describe('a small tenant', () => {
  test.each<DemoActorKey>(['eventsAdmin', 'eventsManager', 'eventsStaff'])(
    'has its hidden root only, and %s sees everything in it',
    async (actor) => {
      expect(await unitsSeen(claimsOf(actor), 'evt.events')).toEqual([events.root])
      const { rows } = await opened.tx.query(
        parseTenantContext(claimsOf(actor)),
        'select count(*)::int as n, bool_and(is_hidden_root) as hidden from core.org_units',
      )
      expect(rows).toEqual([{ n: 1, hidden: true }])
    },
  )

  test('needs no org scope for tables that have no org unit', async () => {
    const claims = { mode: 'member', tenantId: demo.tenants.events } as const
    const { rows } = await opened.tx.query(
      parseTenantContext(claims),
      `select (select count(*)::int from media.files) as files,
         (select count(*)::int from evt.events) as events`,
    )
    expect(rows).toEqual([{ files: 2, events: 0 }])
  })
})

describe('with the org condition removed', () => {
  test('the same statement crosses the silo, so it is the policy that keeps it', async () => {
    const broken = await createPlatformDatabase()
    const role = broken.role('app')
    try {
      await broken.admin.query('alter table sec.assets disable row level security')
      const app = await broken.connect(role)
      const { rowCount } = await app.query("update sec.assets set label = 'mine'")
      expect(rowCount).toBe(12)
    } finally {
      await broken.drop()
    }
  })
})
