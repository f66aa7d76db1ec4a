import type { TenancyInput } from 'watertight/model'
import { ident, literal, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/** Names for the objects of one small system; each may be anything. */
export interface Names {
  readonly schema: string
  readonly tenants: string
  readonly members: string
  readonly users: string
  readonly units: string
  readonly grants: string
  readonly parents: string
  readonly children: string
  readonly log: string
  readonly id: string
  readonly tenant: string
  readonly user: string
  readonly unit: string
  readonly above: string
  readonly parent: string
  readonly secret: string
  readonly roleSuffix: string
}

/** Names that need no quotes. */
export const plain: Names = {
  schema: 'app',
  tenants: 'tenants',
  members: 'members',
  users: 'users',
  units: 'units',
  grants: 'grants',
  parents: 'orders',
  children: 'lines',
  log: 'log',
  id: 'id',
  tenant: 'tenant_id',
  user: 'user_id',
  unit: 'unit_id',
  above: 'parent_id',
  parent: 'order_id',
  secret: 'card',
  roleSuffix: '',
}

/** Ids of the two tenants, which are those of their users, units and grants too. */
export const [acme, globex] = ['a', 'b'].map(
  (digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`,
) as [string, string]
/** The qualified name of a table. */
export const table = (names: Names, name: string): Sql => qualifiedName(names.schema, name)

/** Tables of two tenants with a row each, under the given names. */
export function schemaOf(names: Names): string {
  const [id, tenant, user, unit, above, parent, secret] = [
    names.id,
    names.tenant,
    names.user,
    names.unit,
    names.above,
    names.parent,
    names.secret,
  ].map((name) => ident(name)) as [Sql, Sql, Sql, Sql, Sql, Sql, Sql]
  const t = (name: keyof Names): Sql => table(names, names[name])
  return sql`
create schema ${ident(names.schema)};
create table ${t('tenants')} (${id} uuid primary key);
create table ${t('users')} (${id} uuid primary key);
create table ${t('members')} (${user} uuid references ${t('users')}, ${tenant} uuid references ${t('tenants')}, primary key (${user}, ${tenant}));
create table ${t('units')} (${id} uuid primary key, ${tenant} uuid not null, ${above} uuid);
create table ${t('grants')} (${id} uuid primary key, ${tenant} uuid not null, ${user} uuid not null, ${above} text not null,
  ${secret} boolean, starts_at timestamptz, expires_at timestamptz, revoked_at timestamptz);
create table ${t('parents')} (${id} bigserial primary key, ${tenant} uuid not null, ${unit} uuid not null, ${secret} text);
create table ${t('children')} (${id} bigserial primary key, ${parent} bigint not null references ${t('parents')}, ${secret} text);
create table ${t('log')} (${id} bigserial primary key, ${tenant} uuid not null, ${secret} text) partition by range (${id});
create table ${qualifiedName(names.schema, `${[...names.log].slice(0, 8).join('')} 1`)} partition of ${t('log')} default;
insert into ${t('tenants')} values (${literal(acme)}), (${literal(globex)});
insert into ${t('users')} table ${t('tenants')};
insert into ${t('members')} select ${id}, ${id} from ${t('tenants')};
insert into ${t('units')} select ${id}, ${id} from ${t('tenants')};
insert into ${t('grants')} select ${id}, ${id}, ${id}, 'auditor', false, now() - interval '1 hour', now() + interval '1 hour' from ${t('tenants')};
insert into ${t('parents')} (${tenant}, ${unit}, ${secret}) select ${id}, ${id}, ${id}::text from ${t('tenants')};
insert into ${t('children')} (${parent}, ${secret}) select ${id}, ${secret} from ${t('parents')};
insert into ${t('log')} (${tenant}, ${secret}) select ${id}, ${id}::text from ${t('tenants')};`.text
}

/** The declaration for {@link schemaOf}. */
export function tenancyOf(names: Names, rolePrefix: string): TenancyInput {
  const key = (name: keyof Names): string =>
    `"${names.schema.replaceAll('"', '""')}"."${names[name].replaceAll('"', '""')}"`
  return {
    tenantKey: {
      table: key('tenants'),
      column: names.tenant,
      columnByTable: { [key('tenants')]: names.id },
    },
    orgUnits: {
      table: key('units'),
      idColumn: names.id,
      parentColumn: names.above,
      tenantColumn: names.tenant,
      column: names.unit,
    },
    accessGrants: {
      table: key('grants'),
      idColumn: names.id,
      tenantColumn: names.tenant,
      granteeColumn: names.user,
      modeColumn: names.above,
      canWriteColumn: names.secret,
    },
    roles: { prefix: rolePrefix + names.roleSuffix },
    schemas: [names.schema],
    include: ['composite-foreign-keys', 'tenant-unique-keys'],
    tables: {
      [key('tenants')]: { scope: 'tenant', commands: ['SELECT'], auditor: true },
      [key('users')]: {
        scope: 'self',
        userColumn: names.id,
        sharedThrough: {
          table: key('members'),
          userColumn: names.user,
          tenantColumn: names.tenant,
        },
      },
      [key('members')]: { scope: 'tenant' },
      [key('units')]: { scope: 'tenant' },
      [key('grants')]: { scope: 'tenant' },
      [key('parents')]: {
        scope: 'org',
        auditor: { redact: [names.secret] },
        public: { where: sql`${ident(names.secret)} <> 'hidden'`.text, columns: [names.id] },
      },
      [key('children')]: {
        scope: 'org',
        through: key('parents'),
        public: { through: key('parents'), columns: [names.id, names.parent] },
      },
      [key('log')]: { scope: 'tenant', appendOnly: true, auditor: { redact: [names.secret] } },
    },
  }
}
