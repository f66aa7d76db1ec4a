import { afterAll, beforeAll, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import { diffIsolation } from './index.js'
import type { DiffCell, DiffVerdict } from './index.js'

let a: TestDatabase
let b: TestDatabase
let guest: string

beforeAll(async () => {
  ;[a, b] = await Promise.all([createTestDatabase(), createTestDatabase()])
  guest = `${a.rolePrefix}_anon`
  await a.admin.query(`create role ${guest} nologin; create role ${a.rolePrefix}_app nologin`)
})
afterAll(async () => {
  await b.drop()
  await a.drop()
})

const base = `
  drop schema if exists s cascade; create schema s; grant usage on schema s to GUEST;
  create table s.posts (id int primary key, org_id text not null, author text, shown boolean not null);
  grant select on s.posts to GUEST; alter table s.posts enable row level security;
  create function s.uid() returns text language sql stable as
    $$ select nullif(current_setting('SETTING', true), '')::jsonb ->> 'sub' $$;`
const reads = (using: string): string =>
  `create policy p on s.posts for select to GUEST using (${using});`

interface Asked {
  readonly setting?: string
  readonly rest?: string
}

async function compare(using: string, { setting, rest = '' }: Asked = {}): Promise<DiffCell> {
  const guc = setting ?? 'request.jwt.claims'
  const model = defineTenancy({
    context: { kind: 'jwt-claims', guc, tenant: '/org', user: '/sub' },
    tenantKey: { column: 'org_id', type: 'text' },
    roles: { app: `${a.rolePrefix}_app`, public: guest },
    schemas: ['s'],
  })
  for (const [{ admin }, text] of [
    [a, reads('shown')],
    [b, reads(using) + rest],
  ] as const) {
    const script = (base + text).replaceAll('GUEST', guest).replaceAll('SETTING', guc)
    await admin.query(script)
  }
  const [first, second] = [a, b].map((database) => ({
    name: 'x',
    db: database.admin,
    model,
    connect: async () => {
      const db = await database.connect()
      return { db, close: () => db.end() }
    },
  }))
  if (first === undefined || second === undefined) throw new Error('no two sides')
  const { cells } = await diffIsolation(first, second, { solver: await sharedSolver() })
  const cell = cells.find(({ object, role }) => object === 's.posts' && role === guest)
  if (cell === undefined) throw new Error('no cell')
  return cell
}

const noUser = 'carry no user: who signs in runs as another role'

it.each<[string, string, DiffVerdict]>([
  ['authors who are signed in', 'shown or author = s.uid()', 'same'],
  ['whoever is signed in', 'shown or s.uid() is not null', 'same'],
  ['rows without an author', 'shown or author is not distinct from s.uid()', 'wider'],
  ['whoever is not signed in', 'shown or s.uid() is null', 'wider'],
])(
  'holds the role that stands for everybody to requests without a user: %s',
  async (_name, using, verdict) => {
    const cell = await compare(using)
    expect(cell.verdict).toBe(verdict)
    const isNamed = cell.assumptions.some((assumption) => assumption.endsWith(noUser))
    expect(isNamed).toBe(true)
  },
)

it.each<[string, Asked]>([
  ['in a setting that no gateway is known to fill', { setting: 'app.claims' }],
  [
    'where a function of one side makes settings',
    {
      rest: `create function s.become(who text) returns text language sql as
        $$ select set_config('request.jwt.claims', json_build_object('sub', who)::text, true) $$;`,
    },
  ],
])('holds nobody to it %s', async (_name, asked) => {
  const cell = await compare('shown or author = s.uid()', asked)
  // An example has claims that no server made, so that none is shown.
  expect(cell.verdict).toBe('unknown')
  expect(cell.assumptions.some((assumption) => assumption.endsWith(noUser))).toBe(false)
})
