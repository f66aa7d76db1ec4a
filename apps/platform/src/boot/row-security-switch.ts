import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import type { TableDeclaration, TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'
import { qualifiedName, sql } from 'watertight/sql'

/** Environment variable of the switch. */
export const rowSecurityVariable = 'MULTITENANCY_RLS_ENABLED'

/** Whose rows are whose stays enforced, as does the log of who did what. */
const alwaysEnforced: ReadonlySet<string> = new Set(['core', 'ops'])

/**
 * INVARIANT: as long as they stand, what the switch rests on stays true: there is nobody to isolate
 * from anybody.
 */
const locks = [
  'create unique index tenants_one_while_rls_is_off on core.tenants ((true))',
  'create unique index org_units_one_while_rls_is_off on core.org_units ((true))',
  `alter table core.access_grants add constraint access_grants_none_while_rls_is_off
     check (false) not valid`,
] as const

const unlocks = [
  'drop index if exists core.tenants_one_while_rls_is_off',
  'drop index if exists core.org_units_one_while_rls_is_off',
  `alter table core.access_grants
     drop constraint if exists access_grants_none_while_rls_is_off`,
] as const

const obstacles = `
select path, message from (values
  ('core.tenants', 'has more than one tenant',
    (select count(*) from core.tenants) > 1),
  ('core.org_units', 'has org units below the root',
    exists (select from core.org_units where parent_id is not null)),
  ('core.access_grants', 'has access grants that have not ended',
    exists (select from core.access_grants where revoked_at is null and expires_at > now()))
) found (path, message, is_there) where is_there`

/**
 * Turns row level security of the business tables off, where that takes nothing from anybody: in a
 * database with one tenant, without org units and without visitors, which it keeps from getting any
 * as long as it is off. What the public sees and what belongs to one user stays enforced.
 *
 * `db` is the owner's connection, outside of a transaction.
 *
 * @returns a warning for whoever runs the platform, one line each
 * @throws DEVELOPMENT_ONLY in production; INVALID_INPUT in any other database, with every obstacle.
 * Nothing has changed then.
 */
export async function switchRowSecurityOff(
  db: Queryable,
  model: TenancyModel,
  nodeEnvironment: string | undefined,
): Promise<readonly string[]> {
  if (nodeEnvironment === 'production') {
    throw new WatertightError('DEVELOPMENT_ONLY', `${rowSecurityVariable}=false is no production`, {
      object: rowSecurityVariable,
      hint: 'Unset it: row level security is what isolates tenants.',
    })
  }
  const tables = model.tables.filter(isSwitched)
  await db.query('begin')
  try {
    await db.query('lock table core.tenants, core.org_units, core.access_grants in share mode')
    const { rows: problems } = await db.query<Problem>(obstacles)
    if (problems.length > 0) throw refusal(problems)
    for (const text of [...unlocks, ...locks]) await db.query(text)
    for (const { table } of tables) {
      const name = qualifiedName(table.schema, table.name)
      await db.query(sql`alter table ${name} disable row level security`.text)
    }
    await db.query('commit')
  } catch (error) {
    await db.query('rollback')
    throw error
  }
  return [
    `WARNING: ${rowSecurityVariable}=false: ROW LEVEL SECURITY IS OFF on ${String(tables.length)} tables.`,
    'WARNING: This database holds one tenant and takes no second one, no org unit and no access grant.',
    `WARNING: Start without ${rowSecurityVariable} to turn it on again.`,
  ]
}

/** Takes the restrictions back; the isolation layer itself turns row level security on. */
export async function switchRowSecurityOn(db: Queryable): Promise<void> {
  for (const text of unlocks) await db.query(text)
}

function isSwitched({ table, scope, public: projection }: TableDeclaration): boolean {
  const isTenants = scope === 'tenant' || scope === 'org'
  return isTenants && projection === null && !alwaysEnforced.has(table.schema)
}

function refusal(problems: readonly Problem[]): WatertightError {
  return new WatertightError(
    'INVALID_INPUT',
    `${rowSecurityVariable}=false is for a database with nobody to isolate`,
    {
      object: rowSecurityVariable,
      problems,
      hint: 'Unset it, or use a database of its own with a single tenant.',
    },
  )
}
