import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import type { CatalogSnapshot } from '../catalog/index.js'
import { defineTenancy } from '../model/index.js'
import type { TenancyModel } from '../model/index.js'
import type { Plan } from '../plan/index.js'
import { ident, sql } from '../sql/index.js'
import { applyPlan, makePlan, readHistory, rollbackPlan } from './index.js'
import { advisoryLocks, allHazards, notesSchema, notesTenancy } from './testing/notes.js'

let database: TestDatabase
let admin: pg.Client
let model: TenancyModel
let plan: Plan
let before: CatalogSnapshot
let allow: readonly string[]

beforeEach(async () => {
  database = await createTestDatabase()
  admin = database.admin
  await admin.query(notesSchema)
  model = defineTenancy(notesTenancy(database.rolePrefix))
  plan = await makePlan(admin, model)
  allow = allHazards(plan)
  before = await snapshot()
})
afterEach(() => database.drop())

const snapshot = (): Promise<CatalogSnapshot> =>
  readCatalog(admin, { schemas: ['notes', 'watertight'] })

/** Nothing changed, nothing is locked, and the same plan can still be applied. */
async function expectUntouched(): Promise<void> {
  expect(diffSnapshots(before, await snapshot())).toEqual([])
  expect(await advisoryLocks(admin)).toBe(0)
}

async function expectStillApplies(): Promise<void> {
  await applyPlan(admin, plan, { allow })
  expect((await makePlan(admin, model)).steps).toEqual([])
}

/** Every step in CI, every third elsewhere. */
const stride = process.env['CI'] ? 1 : 3

describe('a plan meets another database than it was made for', () => {
  it.each([
    ['a column', 'alter table notes.notes add extra int'],
    ['a policy', 'create policy p on notes.notes using (true)'],
    ['a grant', 'grant select on notes.notes to public'],
    ['row security', 'alter table notes.notes enable row level security'],
    ['a table', 'create table notes.more (id int)'],
  ])('is stale after a change of %s', async (_what, change) => {
    await admin.query(change)
    before = await snapshot()
    await expect(applyPlan(admin, plan, { allow })).rejects.toMatchObject({ code: 'STALE_PLAN' })
    await expectUntouched()
  })

  it('is stale when a role that it creates has appeared', async () => {
    await admin.query(sql`create role ${ident(`${database.rolePrefix}_app`)} superuser`.text)
    await expect(applyPlan(admin, plan, { allow })).rejects.toMatchObject({ code: 'STALE_PLAN' })
  })

  it('is stale after a change that was committed while it waited for the lock', async () => {
    const other = await database.connect()
    await other.query('begin')
    await other.query('select pg_advisory_xact_lock($1)', [0x777469676874])
    await other.query('alter table notes.notes add extra int')
    const applied = applyPlan(admin, plan, { allow })
    const outcome = applied.catch((error: unknown) => error)
    await other.query('commit')
    expect(await outcome).toMatchObject({ code: 'STALE_PLAN' })
  })

  it('is foreign in another database and on another server', async () => {
    const other = await createTestDatabase()
    try {
      await other.admin.query(notesSchema)
      await expect(applyPlan(other.admin, plan, { allow })).rejects.toMatchObject({
        code: 'FOREIGN_PLAN',
      })
    } finally {
      await other.drop()
    }
    const elsewhere = { ...plan, from: { ...plan.from, systemIdentifier: '1' } }
    await expect(applyPlan(admin, elsewhere, { allow })).rejects.toMatchObject({
      code: 'FOREIGN_PLAN',
    })
    await expectUntouched()
  })
})

it('a plan without consent names every hazard that needs it, and no other', async () => {
  const error: unknown = await applyPlan(admin, plan).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'CONSENT_REQUIRED',
    problems: [{ path: 'WIDENS_ACCESS:notes.folders' }],
  })
  await expectUntouched()
  await applyPlan(admin, plan, { allow: ['WIDENS_ACCESS:notes.folders'] })
  const refused: unknown = await rollbackPlan(admin).catch((thrown: unknown) => thrown)
  const problems = (refused as { problems: readonly { path: string }[] }).problems
  const kinds = new Set(problems.map(({ path }) => path.split(':')[0]))
  expect(kinds).toEqual(new Set(['DELETES_DATA', 'DISABLES_RLS', 'DROPS_POLICY']))
  expect(problems.filter(({ path }) => path === 'DISABLES_RLS:notes.notes')).toHaveLength(1)
})

describe('somebody holds a lock', () => {
  it.each([
    ['on a table', 'lock table notes.notes in access exclusive mode'],
    ['on rows that are being written', "update notes.notes set body = 'x'"],
  ])('%s: the change gives up, and applies later', async (_where, statement) => {
    const other = await database.connect()
    await other.query('begin')
    await other.query(statement)
    await expect(applyPlan(admin, plan, { allow, lockTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'LOCK_NOT_AVAILABLE',
    })
    await other.query('rollback')
    await expectUntouched()
    await expectStillApplies()
  })

  it('exactly one of two concurrent applies wins', async () => {
    const other = await database.connect()
    const outcomes = await Promise.allSettled([
      applyPlan(admin, plan, { allow }),
      applyPlan(other, plan, { allow }),
    ])
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    )
    expect(failures).toMatchObject([
      { code: expect.stringMatching(/^(STALE_PLAN|LOCK_NOT_AVAILABLE)$/) },
    ])
    expect(await readHistory(admin)).toHaveLength(1)
    expect((await makePlan(admin, model)).steps).toEqual([])
  })
})

it('an ordinary role gets MISSING_PRIVILEGE with the step, and nothing changes', async () => {
  const role = `${database.rolePrefix}_nobody`
  await admin.query(sql`create role ${ident(role)} login`.text)
  await admin.query(sql`grant usage on schema notes to ${ident(role)}`.text)
  await admin.query(sql`grant select on all tables in schema notes to ${ident(role)}`.text)
  before = await snapshot()
  const nobody = await database.connect(role)
  const own = await makePlan(nobody, model)
  await expect(applyPlan(nobody, own, { allow })).rejects.toMatchObject({
    code: 'MISSING_PRIVILEGE',
    sqlState: '42501',
    message: expect.stringContaining('could not create role'),
  })
  await expectUntouched()
})

it('rows that cross tenants fail the composite foreign key by name, and nothing changes', async () => {
  await admin.query('update notes.notes set folder_id = 2 where id = 1')
  const strict = defineTenancy(
    notesTenancy(database.rolePrefix, { include: ['composite-foreign-keys'] }),
  )
  const strictPlan = await makePlan(admin, strict)
  await expect(
    applyPlan(admin, strictPlan, { allow: allHazards(strictPlan) }),
  ).rejects.toMatchObject({
    code: 'STATEMENT_FAILED',
    sqlState: '23503',
    message: expect.stringContaining('notes_folder_id_fkey of notes.notes include the tenant'),
  })
  await expectUntouched()
})

describe('the change is interrupted', () => {
  it('between two steps: everything is rolled back', async () => {
    const controller = new AbortController()
    const onStep = (_step: unknown, index: number): void => {
      if (index === 5) controller.abort()
    }
    await expect(
      applyPlan(admin, plan, { allow, onStep, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await expectUntouched()
    await expectStillApplies()
  })

  it('inside a statement that waits: the statement is cancelled', async () => {
    const [blocker, canceller] = [await database.connect(), await database.connect()]
    await blocker.query('begin')
    await blocker.query('lock table notes.notes in access exclusive mode')
    const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid')
    const controller = new AbortController()
    const cancel = async (): Promise<void> => {
      await canceller.query('select pg_cancel_backend($1)', [rows[0]?.pid])
    }
    const applied = applyPlan(admin, plan, { allow, signal: controller.signal, cancel })
    const outcome = applied.catch((error: unknown) => error)
    for (let waits = 0; waits === 0;) {
      const found = await canceller.query(
        "select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'",
        [rows[0]?.pid],
      )
      waits = found.rowCount ?? 0
    }
    controller.abort()
    expect(await outcome).toMatchObject({ code: 'INTERRUPTED' })
    await blocker.query('rollback')
    await expectUntouched()
  })

  it(
    'by the end of its backend, at whichever step: nothing has changed',
    { timeout: 120_000 },
    async () => {
      for (let index = 0; index < plan.steps.length; index += stride) {
        const victim = await database.connect()
        const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid')
        let ended: Promise<unknown> = Promise.resolve()
        const onStep = (_step: unknown, at: number): void => {
          if (at === index)
            ended = admin.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
        }
        await expect(applyPlan(victim, plan, { allow, onStep })).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
        })
        await ended
      }
      await expectUntouched()
      await expectStillApplies()
    },
  )
})

describe('the way back', () => {
  it('is refused when there is nothing to undo', async () => {
    const refusal = { code: 'NOTHING_TO_ROLL_BACK' }
    await expect(rollbackPlan(admin, { allow })).rejects.toMatchObject(refusal)
    await applyPlan(admin, plan, { allow })
    await rollbackPlan(admin, { allow })
    await expect(rollbackPlan(admin, { allow })).rejects.toMatchObject(refusal)
  })

  it('is refused after a change by hand, unless forced', async () => {
    await applyPlan(admin, plan, { allow })
    await admin.query('alter table notes.notes add extra int')
    await expect(rollbackPlan(admin, { allow })).rejects.toMatchObject({ code: 'STALE_PLAN' })
    await rollbackPlan(admin, { allow, force: true })
    await admin.query('alter table notes.notes drop extra')
    await expectUntouched()
  })
})
