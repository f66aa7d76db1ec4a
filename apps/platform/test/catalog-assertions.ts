import { formatTableName, tenantColumnOf } from 'watertight/model'
import type { Command, RuntimeRole, TableDeclaration, TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'

/** A rule that every table of the platform has to satisfy, as one query for the offenders. */
export interface CatalogAssertion {
  readonly name: string
  /** Returns what breaks the rule, as lines of text; none when it holds. */
  offenders(db: Queryable, model: TenancyModel): Promise<readonly string[]>
}

const modes: readonly RuntimeRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

function rolesOf(model: TenancyModel): string[] {
  return modes.flatMap((mode) => model.roles[mode] ?? [])
}

function namesOf(tables: readonly TableDeclaration[]): string[] {
  return tables.map(({ table }) => formatTableName(table))
}

/** `$1` is the schemas; `t` has every table and partition of them, with the root of a partition. */
const tablesOfSchemas = `with t as (
  select c.oid, c.relname, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
    format('%I.%I', n.nspname, c.relname) as name,
    coalesce(pg_partition_root(c.oid)::oid, c.oid) as root
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname = any ($1)
)`

async function list(db: Queryable, text: string, values: unknown[]): Promise<readonly string[]> {
  const { rows } = await db.query<{ offender: string }>(text, values)
  return rows.map(({ offender }) => offender)
}

export const isDeclared: CatalogAssertion = {
  name: 'is declared in the tenancy model',
  offenders: (db, { schemas, tables }) =>
    list(
      db,
      `${tablesOfSchemas} select name as offender from t
       where not relispartition and not name = any ($2) order by 1`,
      [schemas, namesOf(tables)],
    ),
}

export const isForced: CatalogAssertion = {
  name: 'has RLS enabled and forced, partitions included',
  offenders: (db, { schemas }) =>
    list(
      db,
      `${tablesOfSchemas} select name as offender from t
       where not (relrowsecurity and relforcerowsecurity) order by 1`,
      [schemas],
    ),
}

export const hasTenant: CatalogAssertion = {
  name: 'cannot hold a row without tenant',
  offenders: (db, model) =>
    list(
      db,
      `${tablesOfSchemas} select name || '.' || a.attname as offender
       from t join pg_attribute a on a.attrelid = t.oid and not a.attisdropped
       where (a.attname = 'tenant_id' or (t.root, a.attname) in
           (select to_regclass(x.name), x.tenant_column from jsonb_to_recordset($2) as x (name text, tenant_column name)))
         and not a.attnotnull order by 1`,
      [
        model.schemas,
        JSON.stringify(
          model.tables
            .filter(({ scope, through }) => (scope === 'tenant' || scope === 'org') && !through)
            .map(({ table }) => ({
              name: formatTableName(table),
              tenant_column: tenantColumnOf(model, table),
            })),
        ),
      ],
    ),
}

export const hasOrgUnit: CatalogAssertion = {
  name: 'cannot hold a row without org unit where it has one',
  offenders: (db, { schemas, tables }) =>
    list(
      db,
      `${tablesOfSchemas} select name as offender from t where root = any ($2::regclass[])
       and not exists (select from pg_attribute a where a.attrelid = t.oid
         and a.attname = 'org_unit_id' and a.attnotnull) order by 1`,
      [schemas, namesOf(tables.filter(({ scope }) => scope === 'org'))],
    ),
}

/** A restrictive policy that asks the kernel, for each role that reaches the table at all. */
export const hasGuard: CatalogAssertion = {
  name: 'has a restrictive tenant guard for every role that reaches it, partitions included',
  offenders: (db, model) =>
    list(
      db,
      `${tablesOfSchemas} select name || ' for ' || r as offender
       from t cross join unnest($2::text[]) r
       where root = any ($3::regclass[])
         and (has_any_column_privilege(r, root, 'SELECT, INSERT, UPDATE')
           or has_table_privilege(r, root, 'DELETE'))
         and not exists (select from pg_policy p where p.polrelid = t.oid and not p.polpermissive
           and (select oid from pg_roles where rolname = r) = any (p.polroles)
           and p.polcmd in ('*', 'r')
           and pg_get_expr(p.polqual, p.polrelid) ~ 'watertight\\.' )
       order by 1`,
      [
        model.schemas,
        rolesOf(model),
        namesOf(model.tables.filter(({ scope }) => scope !== 'global')),
      ],
    ),
}

/** No policy for PUBLIC, none that lets everything through on a table of tenants. */
export const hasNoOpenPolicy: CatalogAssertion = {
  name: 'has no policy for everybody, and none that is always true for a runtime role',
  offenders: (db, model) =>
    list(
      db,
      `${tablesOfSchemas} select name || ': ' || p.polname as offender
       from t join pg_policy p on p.polrelid = t.oid
       where 0 = any (p.polroles) or (p.polpermissive and root = any ($2::regclass[])
         and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
         and exists (select from pg_roles r where r.oid = any (p.polroles) and r.rolname = any ($3)))
       order by 1`,
      [
        model.schemas,
        namesOf(model.tables.filter(({ scope }) => scope !== 'global')),
        rolesOf(model),
      ],
    ),
}

/** What a role may do on a table, worked out from the declaration alone. */
function commandsOf(table: TableDeclaration, mode: RuntimeRole): string[] {
  const isTenantless = table.scope === 'self' && table.table.schema === 'core'
  const everything: readonly Command[] = table.appendOnly
    ? ['SELECT', 'INSERT']
    : ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
  if (table.scope === 'global') {
    if (mode === 'public') return []
    return mode === 'platform' ? [...everything] : ['SELECT']
  }
  const isShared = table.sharedThrough !== null
  switch (mode) {
    case 'app':
      return [...table.commands]
    case 'worker':
      return isTenantless ? (isShared ? ['SELECT'] : []) : [...table.workerCommands]
    case 'platform':
      if (isTenantless) return isShared ? ['SELECT'] : []
      return formatTableName(table.table) === 'core.access_grants' ? ['SELECT'] : [...everything]
    case 'auditor':
      return table.auditor === null || isTenantless || table.auditor.redact.length > 0
        ? []
        : ['SELECT']
    case 'public':
      return []
  }
}

export const hasExactGrants: CatalogAssertion = {
  name: 'grants each role what is declared and nothing else, on partitions nothing',
  offenders: (db, model) =>
    list(
      db,
      `${tablesOfSchemas}, wanted as (
         select to_regclass(w.name) as root, w.role, w.command
         from jsonb_to_recordset($3) as w (name text, role text, command text)
       ), actual as (
         select t.oid, t.name, t.root, r as role, privilege as command
         from t cross join unnest($2::text[]) r cross join unnest($4::text[]) privilege
         where has_table_privilege(r, t.oid, privilege)
       )
       select format('%s: %s may %s', a.name, a.role, a.command) as offender from actual a
       where a.oid <> a.root or not exists (select from wanted w
         where w.root = a.root and w.role = a.role and w.command = a.command)
       union all
       select format('%s: %s may not %s', w.root, w.role, w.command) from wanted w
       where not exists (select from actual a
         where a.oid = w.root and a.role = w.role and a.command = w.command)
       order by 1`,
      [
        model.schemas,
        rolesOf(model),
        JSON.stringify(
          model.tables.flatMap((table) =>
            modes.flatMap((mode) =>
              commandsOf(table, mode).map((command) => ({
                name: formatTableName(table.table),
                role: model.roles[mode],
                command,
              })),
            ),
          ),
        ),
        ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
      ],
    ),
}

export const hasExactColumnGrants: CatalogAssertion = {
  name: 'shows auditors no redacted column and anyone none but the published',
  offenders: async (db, model) =>
    list(
      db,
      `${tablesOfSchemas}, shown as (
         select to_regclass(x.name) as root, x.role, x.columns
         from jsonb_to_recordset($2) as x (name text, role text, columns text[])
       )
       select format('%s.%s for %s', t.name, a.attname, s.role) as offender
       from t join shown s on s.root = t.oid
       join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
       where has_column_privilege(s.role, t.oid, a.attnum, 'SELECT')
         is distinct from (a.attname = any (s.columns)) order by 1`,
      [model.schemas, JSON.stringify(await columnsShown(db, model))],
    ),
}

async function columnsShown(
  db: Queryable,
  { tables, roles }: TenancyModel,
): Promise<readonly { name: string; role: string | null; columns: readonly string[] }[]> {
  const { rows } = await db.query<{ name: string; columns: string[] }>(
    `select x.name, array_agg(a.attname::text) as columns from unnest($1::text[]) x (name)
     join pg_attribute a on a.attrelid = x.name::regclass and a.attnum > 0 and not a.attisdropped
     group by x.name`,
    [namesOf(tables)],
  )
  const columnsOf = new Map(rows.map(({ name, columns }) => [name, columns]))
  return tables.flatMap(({ table, auditor, public: projection, scope }) => {
    const name = formatTableName(table)
    const redact = auditor?.redact
    const readable = redact && columnsOf.get(name)?.filter((column) => !redact.includes(column))
    return [
      ...(scope === 'global' ? [] : [{ name, role: roles.auditor, columns: readable ?? [] }]),
      { name, role: roles.public, columns: projection?.columns ?? [] },
    ]
  })
}

export const isAppendOnly: CatalogAssertion = {
  name: 'refuses TRUNCATE by anyone, superusers included, where it is append-only',
  offenders: (db, { schemas, tables }) =>
    list(
      db,
      `${tablesOfSchemas} select name as offender from t where root = any ($2::regclass[])
       and not exists (select from pg_trigger g where g.tgrelid = t.oid and not g.tgisinternal
         and g.tgenabled in ('O', 'A') and g.tgtype & 32 = 32) order by 1`,
      [schemas, namesOf(tables.filter(({ appendOnly }) => appendOnly))],
    ),
}

export const hasTenantInReferences: CatalogAssertion = {
  name: 'refers to rows of its own tenant only',
  offenders: (db, { schemas }) =>
    list(
      db,
      `${tablesOfSchemas} select format('%s: %s', t.name, k.conname) as offender
       from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
       where exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id')
         and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'tenant_id')
         and not exists (select from pg_constraint other
           join pg_attribute a on a.attrelid = other.conrelid and a.attnum = any (other.conkey)
           where other.conrelid = k.conrelid and other.confrelid = k.confrelid
             and other.contype = 'f' and other.conkey @> k.conkey and a.attname = 'tenant_id')
       order by 1`,
      [schemas],
    ),
}

export const hasTenantInKeys: CatalogAssertion = {
  name: 'tells nobody by a unique key what another tenant has',
  offenders: (db, { schemas }) =>
    list(
      db,
      `${tablesOfSchemas} select format('%s: %s', t.name, c.relname) as offender
       from t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
       join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
       where i.indisunique and not i.indisprimary and not a.attnum = any (i.indkey)
       order by 1`,
      [schemas],
    ),
}

export const hasTenantIndex: CatalogAssertion = {
  name: 'can find the rows of one tenant by an index',
  offenders: (db, { schemas }) =>
    list(
      db,
      `${tablesOfSchemas} select name as offender from t
       join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
       where not exists (select from pg_index i where i.indrelid = t.oid and i.indisvalid
         and i.indkey[0] = a.attnum and i.indpred is null) order by 1`,
      [schemas],
    ),
}

export const isOutOfReach: CatalogAssertion = {
  name: 'is owned by none of the runtime roles, and none of them can become another role',
  offenders: (db, model) =>
    list(
      db,
      `${tablesOfSchemas}, r as (select * from pg_roles where rolname = any ($2))
       select format('%s owns %s', r.rolname, t.name) as offender from t join r on r.oid = t.relowner
       union all select format('%s has powers', rolname) from r
         where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
       union all select format('%s is a member of %s', r.rolname, m.roleid::regrole)
         from pg_auth_members m join r on r.oid = m.member
       union all select format('%s reads the signing keys', rolname) from r
         where has_any_column_privilege(r.oid, 'watertight.signing_keys', 'SELECT')
       union all select format('%s may create in %s', r.rolname, n.nspname) from r
         join pg_namespace n on has_schema_privilege(r.oid, n.oid, 'CREATE')
         where n.nspname !~ '^pg_' order by 1`,
      [model.schemas, rolesOf(model)],
    ),
}

/** All of them; each is one row of the isolation test. */
export const catalogAssertions: readonly CatalogAssertion[] = [
  isDeclared,
  isForced,
  hasTenant,
  hasOrgUnit,
  hasGuard,
  hasNoOpenPolicy,
  hasExactGrants,
  hasExactColumnGrants,
  isAppendOnly,
  hasTenantInReferences,
  hasTenantInKeys,
  hasTenantIndex,
  isOutOfReach,
]
