import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { formatTableName } from 'watertight/model'
import type { Command } from 'watertight/model'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { ActorSession } from '../test/access-matrix/actor-session.js'
import { matrixActors } from '../test/access-matrix/actors.js'
import type { MatrixActor, MatrixFacts } from '../test/access-matrix/expectation.js'
import type { MatrixTable } from '../test/access-matrix/matrix-table.js'
import { readMatrixTables } from '../test/access-matrix/matrix-table.js'
import type { Mismatch } from '../test/access-matrix/probe-table.js'
import { probeTable } from '../test/access-matrix/probe-table.js'
import { readFacts } from '../test/access-matrix/read-facts.js'
import type { PlatformDatabase } from '../test/platform-database.js'
import { createPlatformDatabase } from '../test/platform-database.js'
import { demo } from './demo-data/index.js'
import { platformTenancy } from './tenancy.js'

const declared = platformTenancy('any').tables
const names = declared.map(({ table }) => formatTableName(table))

let database: PlatformDatabase
let session: ActorSession
let facts: MatrixFacts
let tables: ReadonlyMap<string, MatrixTable>

beforeAll(async () => {
  database = await createPlatformDatabase()
  const { admin, model, signingKey } = database
  session = new ActorSession(admin, model, signingKey)
  facts = await readFacts(admin)
  const catalog = await readCatalog(admin, { schemas: model.schemas })
  const read = await readMatrixTables(admin, model, catalog)
  tables = new Map(read.map((table) => [table.name, table]))
})

afterAll(async () => {
  await database.drop()
})

function tableNamed(name: string): MatrixTable {
  const table = tables.get(name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}

/** Every actor on one table, in the database of this file or in a copy of it. */
async function probe(
  name: string,
  at: PlatformDatabase = database,
): Promise<{ mismatches: Mismatch[]; exercised: Set<Command> }> {
  const mismatches: Mismatch[] = []
  const exercised = new Set<Command>()
  const asActor = at === database ? session : new ActorSession(at.admin, at.model, at.signingKey)
  for (const actor of matrixActors) {
    const result = await probeTable(asActor, facts, actor, tableNamed(name))
    mismatches.push(...result.mismatches)
    for (const command of result.exercised) exercised.add(command)
  }
  return { mismatches, exercised }
}

describe('the access matrix', () => {
  test.each(names)('holds on %s for every actor and command', async (name) => {
    const { mismatches, exercised } = await probe(name)
    expect(mismatches).toEqual([])
    const { scope, commands, workerCommands } = tableNamed(name).declaration
    const wanted =
      scope === 'global'
        ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
        : [...commands, ...workerCommands]
    expect([...exercised]).toEqual(expect.arrayContaining([...wanted]))
  })

  test('covers every table and has rows of two tenants in each that belongs to tenants', () => {
    expect([...tables.keys()].sort()).toEqual([...names].sort())
    const lonely = [...tables.values()]
      .filter(({ hasTenant, rows }) => hasTenant && new Set(rows.map((row) => row.tenant)).size < 2)
      .map(({ name }) => name)
    expect(lonely).toEqual([])
  })
})

/** What someone might do to the isolation layer, by mistake or with intent. */
const sabotage: readonly {
  readonly what: string
  readonly table: string
  readonly undo: (role: string) => readonly string[]
  readonly finds: readonly Mismatch['command'][]
}[] = [
  {
    what: 'RLS is switched off on an org table',
    table: 'sec.assets',
    undo: () => ['alter table sec.assets disable row level security'],
    finds: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'row hop'],
  },
  {
    what: 'the guard is dropped and a policy lets every row through',
    table: 'eval.sessions',
    undo: (role) => [
      'drop policy watertight_member_guard on eval.sessions',
      sql`create policy everything on eval.sessions to ${ident(role)} using (true)`.text,
    ],
    finds: ['SELECT', 'INSERT', 'UPDATE', 'row hop'],
  },
  {
    what: 'RLS is switched off on a table whose tenant comes through its parent',
    table: 'media.variants',
    undo: () => ['alter table media.variants disable row level security'],
    finds: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'row hop'],
  },
  {
    what: 'RLS is switched off on what users own',
    table: 'notify.preferences',
    undo: () => ['alter table notify.preferences disable row level security'],
    finds: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'row hop'],
  },
  {
    what: 'the guard and the policy for UPDATE forget WITH CHECK',
    table: 'core.memberships',
    undo: () => [
      'alter policy watertight_member_guard on core.memberships with check (true)',
      'alter policy watertight_member_update on core.memberships with check (true)',
    ],
    finds: ['row hop'],
  },
  {
    what: 'a role may delete from an append-only table, and the guard is gone',
    table: 'ops.audit_log',
    undo: (role) => [
      sql`grant delete on ops.audit_log to ${ident(role)}`.text,
      'drop policy watertight_member_guard on ops.audit_log',
      sql`create policy housekeeping on ops.audit_log for delete to ${ident(role)} using (true)`
        .text,
    ],
    finds: ['DELETE'],
  },
]

describe('with the guard removed', () => {
  test.each(sabotage)('the matrix finds the leak when $what', async ({ table, undo, finds }) => {
    const broken = await createPlatformDatabase()
    try {
      for (const statement of undo(broken.role('app'))) await broken.admin.query(statement)
      const { mismatches } = await probe(table, broken)
      const leaks = mismatches.filter(({ kind }) => kind === 'leak')
      expect(new Set(leaks.map(({ command }) => command))).toEqual(new Set(finds))
    } finally {
      await broken.drop()
    }
  })

  test('one careless policy alone opens nothing, because the guard is restrictive', async () => {
    const broken = await createPlatformDatabase()
    try {
      const role = ident(broken.role('app'))
      await broken.admin.query(
        sql`create policy careless on sec.assets to ${role} using (true) with check (true)`.text,
      )
      const { mismatches } = await probe('sec.assets', broken)
      expect(mismatches).toEqual([])
    } finally {
      await broken.drop()
    }
  })

  test('the matrix finds rows that are lost when a policy is missing', async () => {
    const broken = await createPlatformDatabase()
    try {
      await broken.admin.query('drop policy watertight_member_select on evt.check_ins')
      const { mismatches } = await probe('evt.check_ins', broken)
      expect(mismatches.map(({ kind, command }) => [kind, command])).toContainEqual([
        'lost',
        'SELECT',
      ])
    } finally {
      await broken.drop()
    }
  })
})

describe('columns', () => {
  const redacted = declared.flatMap(({ table, auditor }) =>
    (auditor?.redact ?? []).map((column) => ({ table, column })),
  )

  test.each(redacted)(
    'of $table.schema.$table.name: an auditor reads $column as NULL at most',
    async ({ table, column }) => {
      const helen = actorNamed('Helen Carter, auditor of Northgate Security, window open')
      const name = qualifiedName(table.schema, table.name)
      const direct = await session.run(helen, {
        statement: sql`select ${ident(column)} from ${name}`,
      })
      expect(direct).toEqual({ ok: false, sqlState: '42501' })
      const view = qualifiedName(table.schema, `${table.name}_redacted`)
      const shown = await session.run(helen, {
        statement: sql`select count(*)::int as rows, count(${ident(column)})::int as filled from ${view}`,
      })
      const rows = tableNamed(formatTableName(table)).rows
      const own = rows.filter(({ tenant }) => tenant === demo.tenants.security).length
      expect(own).toBeGreaterThan(0)
      expect(shown).toMatchObject({ ok: true, rows: [{ rows: own, filled: 0 }] })
    },
  )

  test.each(declared.filter((table) => table.public !== null))(
    'of $table.schema.$table.name: anyone reads the published ones and no other',
    async ({ table, public: projection }) => {
      const anyone = actorNamed('anyone, not signed in')
      const readable: string[] = []
      for (const { name } of tableNamed(formatTableName(table)).relation.columns) {
        const outcome = await session.run(anyone, {
          statement: sql`select ${ident(name)} from ${qualifiedName(table.schema, table.name)}`,
        })
        if (outcome.ok) readable.push(name)
      }
      expect(readable.sort()).toEqual([...(projection?.columns ?? [])].sort())
    },
  )
})

function actorNamed(name: string): MatrixActor {
  const actor = matrixActors.find((each) => each.name === name)
  if (actor === undefined) throw new Error(`no actor ${name}`)
  return actor
}
