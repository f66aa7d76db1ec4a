import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { applyPlan, canonicaliseConditions, makePlan } from 'watertight/migrate'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { generatedLayer } from 'watertight/plan'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { ServerMajor, TestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import { exitCodeOf } from '../findings/index.js'
import type { CheckResult } from '../findings/index.js'
import type { Solver } from '../prove/solver.js'
import { check } from './check.js'

const schema = `create type kind as enum ('memo', 'task');
  create table tenants (id uuid primary key default gen_random_uuid(), slug text not null unique check (slug ~ '^[a-z]{3,20}$'));
  create table users (id uuid primary key default gen_random_uuid(), email text not null);
  create table members (tenant_id uuid not null references tenants, user_id uuid not null references users, primary key (tenant_id, user_id));
  create table units (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants,
    parent_id uuid, unique (tenant_id, id), foreign key (tenant_id, parent_id) references units (tenant_id, id));
  create table notes (id bigserial primary key, tenant_id uuid not null references tenants, org_unit_id uuid not null,
    kind kind not null, title varchar(12) not null, score int not null check (score between 1 and 5),
    foreign key (tenant_id, org_unit_id) references units (tenant_id, id), unique (tenant_id, id));
  create table note_tags (note_id bigint not null references notes on delete cascade, tag text not null, primary key (note_id, tag));
  create table ledger (id bigint generated always as identity primary key, tenant_id uuid not null references tenants, amount numeric not null);
  create table plans (code text primary key);`

const allow = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']

let database: TestDatabase
let model: TenancyModel
let solver: Solver

beforeAll(async () => {
  solver = await sharedSolver()
})

async function build(major: ServerMajor): Promise<void> {
  database = await createTestDatabase({ major })
  await database.admin.query(schema)
  model = defineTenancy({
    tenantKey: { table: 'public.tenants' },
    orgUnits: { table: 'public.units' },
    roles: { prefix: database.rolePrefix, auditor: null, platform: null },
    schemas: ['public'],
    tables: {
      'public.tenants': { scope: 'tenant', tenantColumn: 'id', commands: ['SELECT'] },
      'public.users': {
        scope: 'self',
        userColumn: 'id',
        sharedThrough: {
          table: 'public.members',
          userColumn: 'user_id',
          tenantColumn: 'tenant_id',
        },
        commands: ['SELECT', 'UPDATE'],
      },
      'public.members': { scope: 'tenant' },
      'public.units': { scope: 'tenant' },
      'public.notes': { scope: 'org' },
      'public.note_tags': { scope: 'org', through: 'public.notes' },
      'public.ledger': { scope: 'tenant', appendOnly: true },
      'public.plans': { scope: 'global' },
    },
  })
  await applyPlan(database.admin, await makePlan(database.admin, model), { allow })
}

async function checked(): Promise<CheckResult> {
  const { admin } = database
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const generated = generatedLayer(model, catalog, await canonicaliseConditions(admin, model))
  return check(admin, { model, catalog, generated, solver, live: true, now: () => new Date() })
}

const of = (result: CheckResult, object: string, role: string): string[] =>
  result.coverage
    .filter((row) => row.object === object && row.role === role && row.verdict !== 'not-applicable')
    .map((row) => row.verdict)

/** What is done to the database, and the object that leaks then. */
const sabotages: readonly (readonly [name: string, sabotage: string, object: string])[] = [
  ['Row Level Security is off', 'alter table notes disable row level security', 'public.notes'],
  [
    'the owner of a view lends its rights',
    `create view all_notes as select * from notes; grant select on all_notes to app`,
    'public.all_notes',
  ],
  ['the role becomes a superuser', 'alter role app superuser', 'public.notes'],
  [
    'the child of a tenant row is open',
    `alter table note_tags disable row level security`,
    'public.note_tags',
  ],
]

/** All of them in CI and on the newest version, half of them elsewhere. */
function sabotagesOn(major: ServerMajor): typeof sabotages {
  const isThorough = Boolean(process.env['CI']) || major === serverMajors.at(-1)
  return isThorough ? sabotages : sabotages.slice(0, 2)
}

describe.each(serverMajors)(
  'the generated layer with a signed context on PostgreSQL %i',
  (major) => {
    beforeAll(() => build(major))
    afterAll(() => database.drop())

    it('holds: every cell is proven, from empty tables, without a sequence moved', async () => {
      const result = await checked()
      expect(
        result.coverage.filter((row) => row.verdict === 'leak' || row.verdict === 'unknown'),
      ).toEqual([])
      expect(result.summary.proven).toBeGreaterThan(40)
      const byLayer = result.coverage.filter((row) => row.verdict === 'proven' && row.by === 'lint')
      expect(byLayer.map(({ reason }) => reason)).toEqual([])
      expect(result.summary.provenByLayer).toBe(0)
      expect(result.assumptions.map(({ text }) => text)).toContain(
        'signing keys are known to the application server and the owner role only',
      )
      expect(result.summary.sequencesMoved).toEqual([])
      // One of its functions alters another, which no reader of bodies can follow.
      const functions = result.classes.find((each) => each.class === 'function')
      expect(functions?.impossible).toBe(0)
      expect(exitCodeOf(result, { allowUnknown: false })).toBe(0)
    })

    it('is attacked with contexts that work: no probe of the app role is without its control', async () => {
      const result = await check(database.admin, {
        model,
        live: true,
        prove: false,
        now: () => new Date(),
      })
      const reasons = result.coverage
        .filter(
          (row) => row.role === model.roles.app && row.verdict === 'unknown' && row.by === 'attack',
        )
        .map((row) => [row.object, row.command, row.reason])
      expect(reasons.length).toBeGreaterThan(15)
      expect(
        reasons.filter(
          ([, , reason]) => !/^(\d+) of \1 probes were refused; not proven$/.test(reason ?? ''),
        ),
      ).toEqual([])
    })

    it.each(sabotagesOn(major))(
      'leaks, and is not called proven, once %s',
      async (_name, sabotage, object) => {
        const { admin } = database
        const app = model.roles.app
        const named = sabotage.replaceAll(/\bapp\b/g, app)
        await admin.query(named)
        try {
          const verdicts = of(await checked(), object, app)
          expect(verdicts).toContain('leak')
          expect(verdicts).not.toContain('proven')
        } finally {
          await admin.query(`drop view if exists all_notes; alter role ${app} nosuperuser;
        alter table notes enable row level security; alter table note_tags enable row level security`)
        }
      },
    )
  },
)
