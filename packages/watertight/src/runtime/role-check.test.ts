import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import { WatertightError } from '../errors/index.js'
import { joinSql, qualifiedName, sql, ident } from '../sql/index.js'
import type { Sql } from '../sql/index.js'
import { checkRuntimeRole } from './role-check.js'

interface Case {
  readonly name: string
  /** Gives `role` the power and takes it away again; `other` is a second role. */
  readonly grant: (role: Sql, other: Sql) => Sql
  readonly revoke: (role: Sql, other: Sql) => Sql
  /** What the error says. */
  readonly says: RegExp
  /** What the power lets the role do: see the row of a table with RLS and no policy. */
  readonly attack?: (role: Sql, other: Sql) => readonly (Sql | string)[]
}

const secret = sql`select id from app.secrets`
const takeOver = (owner: Sql): Sql => sql`alter table app.secrets owner to ${owner}`
const giveBack = sql`alter table app.secrets owner to current_user`
const openUp = sql`alter table app.secrets disable row level security`
const closeDown = sql`alter table app.secrets enable row level security`

const cases: readonly Case[] = [
  {
    name: 'a superuser',
    grant: (role) => sql`alter role ${role} superuser`,
    revoke: (role) => sql`alter role ${role} nosuperuser`,
    says: /is SUPERUSER \(alter role \S+ nosuperuser\)/,
    attack: () => [secret],
  },
  {
    name: 'a role with BYPASSRLS',
    grant: (role) => sql`alter role ${role} bypassrls`,
    revoke: (role) => sql`alter role ${role} nobypassrls`,
    says: /is BYPASSRLS \(alter role \S+ nobypassrls\)/,
    attack: () => [secret],
  },
  {
    name: 'a role that can create roles',
    grant: (role) => sql`alter role ${role} createrole`,
    revoke: (role) => sql`alter role ${role} nocreaterole`,
    says: /is CREATEROLE \(alter role \S+ nocreaterole\)/,
  },
  {
    name: 'a role that can read the write-ahead log',
    grant: (role) => sql`alter role ${role} replication`,
    revoke: (role) => sql`alter role ${role} noreplication`,
    says: /is REPLICATION \(alter role \S+ noreplication\)/,
  },
  {
    name: 'the owner of a table with RLS',
    grant: (role) => takeOver(role),
    revoke: () => giveBack,
    says: /owns table app\.secrets/,
    attack: () => [openUp, secret],
  },
  {
    name: 'the owner of the isolation schema',
    grant: (role) => sql`alter schema watertight owner to ${role}`,
    revoke: () => sql`alter schema watertight owner to current_user`,
    says: /owns schema watertight/,
  },
  {
    name: 'the owner of a helper function',
    grant: (role) => sql`alter function watertight.tenant_id() owner to ${role}`,
    revoke: () => sql`alter function watertight.tenant_id() owner to current_user`,
    says: /owns function watertight\.tenant_id\(\)/,
  },
  {
    name: 'a reader of the signing keys',
    grant: (role) => sql`grant select (inner_key) on watertight.signing_keys to ${role}`,
    revoke: (role) => sql`revoke select (inner_key) on watertight.signing_keys from ${role}`,
    says: /can read watertight\.signing_keys \(revoke all on table watertight\.signing_keys/,
  },
  {
    name: 'a member of a role with BYPASSRLS',
    grant: (role, other) => sql`alter role ${other} bypassrls; grant ${other} to ${role}`,
    revoke: (role, other) => sql`alter role ${other} nobypassrls; revoke ${other} from ${role}`,
    says: /can act as \S+_other \(is BYPASSRLS\) \(revoke \S+_other from/,
    attack: (_role, other) => [sql`set role ${other}`, secret],
  },
  {
    name: 'a member of the owner that inherits nothing',
    grant: (role, other) =>
      sql`alter role ${role} noinherit; grant ${other} to ${role}; ${takeOver(other)}`,
    revoke: (role, other) =>
      sql`${giveBack}; revoke ${other} from ${role}; alter role ${role} inherit`,
    says: /can act as \S+_other \(owns table app\.secrets\)/,
    attack: (_role, other) => [sql`set role ${other}`, openUp, secret],
  },
  ...[
    'pg_read_all_data',
    'pg_write_all_data',
    'pg_read_server_files',
    'pg_write_server_files',
    'pg_execute_server_program',
  ].map((predefined): Case => ({
    name: `a member of ${predefined}`,
    grant: (role) => sql`grant ${ident(predefined)} to ${role}`,
    revoke: (role) => sql`revoke ${ident(predefined)} from ${role}`,
    says: new RegExp(`can act as ${predefined} \\(revoke ${predefined} from`),
  })),
]

describe.each(serverMajors)('checkRuntimeRole on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let roleName: string
  let role: Sql
  let other: Sql
  let undo: Sql | null = null

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    roleName = `${database.rolePrefix}_App`
    role = ident(roleName)
    other = ident(`${database.rolePrefix}_other`)
    const setUp = [
      sql`create role ${role} login`,
      sql`create role ${other}`,
      sql`create schema watertight`,
      sql`create table watertight.signing_keys (kid text, inner_key bytea)`,
      sql`create function watertight.tenant_id() returns text language sql return null::text`,
      sql`create schema app`,
      sql`grant usage on schema app, watertight to ${role}, ${other}`,
      sql`create table app.secrets as select 1 as id`,
      closeDown,
      sql`alter table ${qualifiedName('app', 'secrets')} force row level security`,
      sql`grant select on app.secrets to ${role}, ${other}`,
    ]
    await database.admin.query(joinSql(setUp, '; ').text)
  })
  afterAll(() => database.drop())
  afterEach(async () => {
    if (undo !== null) await database.admin.query(sql`${undo}; ${closeDown}`.text)
    undo = null
  })

  async function refusal(setRole: Sql | null = null): Promise<WatertightError | null> {
    const client = await database.connect(roleName)
    try {
      if (setRole !== null) await client.query(sql`set role ${setRole}`.text)
      await checkRuntimeRole(client, { role: 'app' })
      return null
    } catch (error) {
      if (error instanceof WatertightError) return error
      throw error
    } finally {
      await client.end()
    }
  }

  it('accepts a role that owns and bypasses nothing', async () => {
    expect(await refusal()).toBeNull()
    const client = await database.connect(roleName)
    expect((await client.query(secret.text)).rows).toEqual([])
  })

  it.each(cases)('refuses $name', async ({ grant, revoke, says, attack }) => {
    await database.admin.query(grant(role, other).text)
    undo = revoke(role, other)
    const error = await refusal()
    expect(error).toMatchObject({ code: 'UNSAFE_ROLE', object: roleName })
    expect(error?.message).toMatch(says)
    expect(error?.message).toContain(roleName)
    if (attack === undefined) return
    // Without the refusal, the role reads the row that RLS hides from everybody.
    const client = await database.connect(roleName)
    let rows: unknown[] = []
    for (const step of attack(role, other)) {
      ;({ rows } = await client.query(typeof step === 'string' ? step : step.text))
    }
    await client.end()
    expect(rows).toEqual([{ id: 1 }])
  })

  it('looks behind SET ROLE at the role that logged in', async () => {
    await database.admin.query(sql`alter role ${role} bypassrls; grant ${other} to ${role}`.text)
    undo = sql`alter role ${role} nobypassrls; revoke ${other} from ${role}`
    expect((await refusal(other))?.message).toMatch(/is BYPASSRLS/)
  })

  it('reports all powers at once', async () => {
    await database.admin.query(sql`alter role ${role} bypassrls createrole`.text)
    undo = sql`alter role ${role} nobypassrls nocreaterole`
    expect((await refusal())?.problems).toHaveLength(2)
  })

  // ADMIN without INHERIT and SET can be granted since PostgreSQL 16.
  it.each([major].filter((version) => version >= 16))(
    'refuses a member that may only grant itself the rest',
    async () => {
      const grant = sql`grant ${other} to ${role} with admin true, inherit false, set false`
      await database.admin.query(sql`alter role ${other} bypassrls; ${grant}`.text)
      undo = sql`alter role ${other} nobypassrls; revoke ${other} from ${role}`
      expect((await refusal())?.message).toMatch(/can act as \S+_other/)
    },
  )
})
