import {
  emptySql,
  ident,
  integer,
  joinSql,
  qualifiedName,
  sql,
  trustedSql,
} from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { isReferable, layOut } from './generated-layout.js'
import type { LaidOutTable } from './generated-layout.js'
import { existingRole, generatedPrivileges, generatedRoles } from './generated-privileges.js'
import type { GeneratedTenancy, IdType, KeyStorage } from './generated-tenancy.js'

/** Everything that exists before watertight comes, as one script. */
export function generatedSchema(tenancy: GeneratedTenancy, rolePrefix: string): string {
  const tables = layOut(tenancy)
  return joinSql(
    [
      ...generatedRoles(tenancy, rolePrefix),
      ...coreTables(tenancy),
      ...tables.flatMap((table) => tableStatements(tenancy, table, rolePrefix)),
      ...tables.flatMap((table) => viewStatements(tenancy, tables, table)),
      ...generatedPrivileges(tenancy, tables, rolePrefix),
    ],
    ';\n',
  ).text
}

function coreTables({ schema, keyType, tenantColumn }: GeneratedTenancy): readonly Sql[] {
  const on = (name: string): Sql => qualifiedName(schema, name)
  const [key, tenant] = [trustedSql(keyType), ident(tenantColumn)]
  return [
    sql`create schema ${ident(schema)}`,
    sql`create domain ${on('key domain')} as ${key}`,
    sql`create domain ${on('id domain')} as text`,
    sql`create table ${on('core tenants')} (id ${key} primary key, name text unique)`,
    sql`create table ${on('core users')} (id ${key} primary key, email text unique)`,
    sql`create table ${on('core members')} (
      user_id ${key} not null references ${on('core users')},
      ${tenant} ${key} not null references ${on('core tenants')},
      active boolean not null default true,
      valid_until date,
      primary key (user_id, ${tenant}))`,
    sql`create table ${on('core units')} (
      id ${key} primary key,
      ${tenant} ${key} not null references ${on('core tenants')},
      parent_id ${key} references ${on('core units')})`,
    sql`create table ${on('core grants')} (
      id ${key} primary key,
      ${tenant} ${key} not null,
      grantee_id ${key} not null,
      mode text not null,
      can_write boolean not null default false,
      starts_at timestamptz not null default now(),
      expires_at timestamptz not null,
      revoked_at timestamptz)`,
  ]
}

const narrowTypes = { uuid: sql`uuid`, bigint: sql`integer`, text: sql`varchar(40)` }

function keyColumnType({ schema, keyType }: GeneratedTenancy, storage: KeyStorage): Sql {
  if (storage === 'domain') return qualifiedName(schema, 'key domain')
  return storage === 'narrow' ? narrowTypes[keyType] : trustedSql(keyType)
}

function idColumn({ schema }: GeneratedTenancy, type: IdType): { type: Sql; suffix: Sql } {
  switch (type) {
    case 'uuid':
      return { type: sql`uuid`, suffix: sql` default gen_random_uuid()` }
    case 'bigserial':
      return { type: sql`bigint`, suffix: emptySql }
    case 'identity':
      return { type: sql`bigint`, suffix: sql` generated always as identity` }
    case 'varchar':
      return { type: sql`varchar(36)`, suffix: sql` default gen_random_uuid()` }
    case 'text-domain':
      return { type: qualifiedName(schema, 'id domain'), suffix: emptySql }
  }
}

function tableStatements(
  tenancy: GeneratedTenancy,
  table: LaidOutTable,
  rolePrefix: string,
): readonly Sql[] {
  const name = qualifiedName(tenancy.schema, table.name)
  const id = idColumn(tenancy, table.idType)
  const idType = table.idType === 'bigserial' ? sql`bigserial` : id.type
  const label = ident(table.label)
  const keyType = keyColumnType(tenancy, table.keyStorage)
  const tenant = table.tenant === null ? [] : [ident(table.tenant)]
  const hasDefault = table.hasTenantDefault && tenancy.keyType === 'uuid'
  const parts = [
    sql`id ${idType} not null${id.suffix}`,
    ...tenant.map(
      (column) =>
        sql`${column} ${keyType}${hasDefault ? sql` not null default gen_random_uuid()` : emptySql}`,
    ),
    ...(table.hasOrgColumn ? [sql`org_unit_id ${keyType}`] : []),
    ...(table.hasUserColumn ? [sql`user_id ${keyType}`] : []),
    sql`${label} varchar(80)`,
    sql`amount numeric(10,2)`,
    sql`published boolean not null default false`,
    sql`deleted_at timestamptz`,
    sql`at date not null default current_date`,
    sql`region text not null default 'eu'`,
    ...foreignKeys(tenancy, table),
    sql`primary key (${primaryKey(table)})`,
    ...uniqueConstraints(table, label, tenant),
  ]
  return [
    sql`create table ${name} (${joinSql(parts, ',\n  ')})${partitionBy(table)}`,
    ...partitions(tenancy, table),
    ...uniqueIndexes(tenancy, table, label),
    ...(table.hasTenantIndex && tenant[0]
      ? [sql`create index on ${name} (${tenant[0]}, amount)`]
      : []),
    ...notValidKeys(tenancy, table),
    ...(table.hasForeignPolicy
      ? [
          sql`create policy "somebody's own" on ${name} for select to public using (true)`,
          sql`create policy restrictive on ${name} as restrictive for all using (amount is null)`,
        ]
      : []),
    ...(table.rls === 'off' ? [] : [sql`alter table ${name} enable row level security`]),
    ...(table.rls === 'forced' ? [sql`alter table ${name} force row level security`] : []),
    ...ownership(tenancy, table, rolePrefix),
    ...(table.squatterName === null
      ? []
      : [sql`create view ${qualifiedName(tenancy.schema, table.squatterName)} as select 1 as one`]),
  ]
}

function ownership(
  tenancy: GeneratedTenancy,
  table: LaidOutTable,
  rolePrefix: string,
): readonly Sql[] {
  const owner = table.owner === 'admin' ? null : existingRole(tenancy, rolePrefix, table.owner)
  if (owner === null) return []
  return [
    sql`alter table ${qualifiedName(tenancy.schema, table.name)} owner to ${owner}`,
    ...(table.partition === 'none'
      ? []
      : [
          sql`alter table ${qualifiedName(tenancy.schema, `part ${table.position}`)} owner to ${owner}`,
        ]),
  ]
}

function primaryKey(table: LaidOutTable): Sql {
  if (isReferable(table)) return sql`id`
  return table.partition === 'list' ? sql`id, region` : sql`id, at`
}

function uniqueConstraints(
  table: LaidOutTable,
  label: Sql,
  tenant: readonly Sql[],
): readonly Sql[] {
  const extra =
    isReferable(table) && table.partition === 'none' ? emptySql : sql`, ${primaryKey(table)}`
  return table.uniques.flatMap((kind) => {
    switch (kind) {
      case 'constraint':
        return [sql`unique (${label}, amount${extra})`]
      case 'nulls-not-distinct':
        return [sql`unique nulls not distinct (${label}${extra})`]
      case 'deferrable':
        return [sql`unique (amount, published${extra}) deferrable initially deferred`]
      case 'with-tenant':
        return tenant[0] ? [sql`unique (${tenant[0]}${extra.text === '' ? sql`, id` : extra})`] : []
      case 'referenced':
        return table.partition === 'none' ? [sql`code text`, sql`unique (code)`] : []
      default:
        return []
    }
  })
}

function uniqueIndexes(
  { schema }: GeneratedTenancy,
  table: LaidOutTable,
  label: Sql,
): readonly Sql[] {
  if (table.partition !== 'none') return []
  const on = qualifiedName(schema, table.name)
  return table.uniques.flatMap((kind) => {
    const index = ident(`uq ${table.position} ${kind}`)
    if (kind === 'partial-index') {
      return [
        sql`create unique index ${index} on ${on} (${label} desc, at) include (amount) where deleted_at is null`,
      ]
    }
    return kind === 'expression-index'
      ? [
          sql`create unique index ${index} on ${on} (lower(${label}), (amount * 2)) nulls not distinct`,
        ]
      : []
  })
}

function foreignKeys(tenancy: GeneratedTenancy, table: LaidOutTable): readonly Sql[] {
  const { schema } = tenancy
  const self = qualifiedName(schema, table.name)
  const parts: Sql[] = []
  if (table.parentTable) {
    const { type } = idColumn(tenancy, table.parentTable.idType)
    const parent = qualifiedName(schema, table.parentTable.name)
    parts.push(sql`parent_id ${type}`)
    parts.push(
      sql`constraint "fk parent" foreign key (parent_id) references ${parent} (id) on delete cascade`,
    )
  }
  if (table.selfReference && isReferable(table)) {
    parts.push(sql`self_id ${idColumn(tenancy, table.idType).type}`)
    parts.push(sql`constraint "fk self" foreign key (self_id) references ${self} (id)`)
  }
  for (const key of table.laidOutKeys) {
    const type =
      key.targetColumn === 'code' ? sql`text` : idColumn(tenancy, key.targetTable.idType).type
    parts.push(sql`${ident(key.column)} ${type}`)
  }
  return parts
}

/** Foreign keys are added at last: NOT VALID is not allowed inside CREATE TABLE. */
function notValidKeys({ schema }: GeneratedTenancy, table: LaidOutTable): readonly Sql[] {
  const on = qualifiedName(schema, table.name)
  return table.laidOutKeys.map((key) => {
    const target = key.targetTable
    const own = [...(key.composite ? [table.tenant ?? ''] : []), key.column]
    const theirs = [...(key.composite ? [target.tenant ?? ''] : []), key.targetColumn]
    const notValid = key.notValid && table.partition === 'none' ? sql` not valid` : emptySql
    return sql`alter table ${on} add constraint ${ident(key.name)}
      foreign key (${joinSql(own.map((name) => ident(name)))})
      references ${qualifiedName(schema, target.name)} (${joinSql(theirs.map((name) => ident(name)))})
      on delete ${trustedSql(key.onDelete)} on update ${trustedSql(key.onUpdate)}
      ${trustedSql(key.deferrable)}${notValid}`
  })
}

function partitionBy(table: LaidOutTable): Sql {
  switch (table.partition) {
    case 'none':
      return emptySql
    case 'list':
      return sql` partition by list (region)`
    case 'hash':
      return sql` partition by hash (id)`
    case 'range':
    case 'range-then-hash':
      return sql` partition by range (at)`
  }
}

function partitions({ schema }: GeneratedTenancy, table: LaidOutTable): readonly Sql[] {
  const root = qualifiedName(schema, table.name)
  const first = qualifiedName(schema, `part ${table.position}`)
  const rest = qualifiedName(schema, `rest "${table.position}`)
  switch (table.partition) {
    case 'none':
      return []
    case 'list':
      return [
        sql`create table ${first} partition of ${root} for values in ('eu', 'us')`,
        sql`create table ${rest} partition of ${root} default`,
      ]
    case 'hash':
      return [0, 1].map(
        (remainder) =>
          sql`create table ${remainder === 0 ? first : rest} partition of ${root} for values with (modulus 2, remainder ${integer(remainder)})`,
      )
    case 'range':
      return [
        sql`create table ${first} partition of ${root} for values from ('2020-01-01') to ('2030-01-01')`,
        sql`create table ${rest} partition of ${root} default`,
      ]
    case 'range-then-hash':
      return [
        sql`create table ${first} partition of ${root} default partition by hash (id)`,
        sql`create table ${rest} partition of ${first} for values with (modulus 1, remainder 0)`,
      ]
  }
}

function viewStatements(
  { schema }: GeneratedTenancy,
  tables: readonly LaidOutTable[],
  table: LaidOutTable,
): readonly Sql[] {
  const name = qualifiedName(schema, table.viewName)
  const before = tables.slice(0, table.position).findLast(({ view }) => view !== 'none')
  const options = {
    none: emptySql,
    plain: emptySql,
    chain: emptySql,
    off: sql` with (security_invoker = off)`,
    barrier: sql` with (security_barrier)`,
    invoker: sql` with (security_invoker)`,
  }
  if (table.view === 'none') return []
  const source = table.view === 'chain' && before ? before.viewName : table.name
  return [
    sql`create view ${name}${options[table.view]} as select * from ${qualifiedName(schema, source)}`,
  ]
}
