import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type {
  DefaultPrivilege,
  PublicationInfo,
  RoleInfo,
  RoleMembership,
  SettingDefault,
} from '../snapshot.js'
import type { RawAclItem } from './fragments.js'
import { aclItems, jsonArray } from './fragments.js'

export interface RawDefaultPrivilege extends Omit<DefaultPrivilege, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

/** What {@link authority} selects. */
export interface RawAuthority {
  readonly roles: readonly RoleInfo[]
  readonly memberships: readonly RoleMembership[]
  readonly default_privileges: readonly RawDefaultPrivilege[]
  readonly setting_defaults: readonly SettingDefault[]
  readonly publications: readonly PublicationInfo[]
}

const roles: Sql = sql`
    select pg_catalog.json_build_object(
      'name', r.rolname,
      'superuser', r.rolsuper,
      'bypassRls', r.rolbypassrls,
      'canLogin', r.rolcanlogin,
      'inherit', r.rolinherit,
      'createRole', r.rolcreaterole,
      'createDb', r.rolcreatedb,
      'replication', r.rolreplication,
      'comment', d.description
    ) as item
    from pg_catalog.pg_roles as r
    left join pg_catalog.pg_shdescription as d
      on d.classoid = 'pg_catalog.pg_authid'::regclass and d.objoid = r.oid
    where r.rolname !~ '^pg_'`

/**
 * `inherit_option` and `set_option` exist since PostgreSQL 16; reading the row as JSON serves both.
 * The owner of the database is a member of pg_database_owner without a row (manual, Predefined Roles).
 */
const memberships: Sql = sql`
    select pg_catalog.json_build_object(
      'role', pg_catalog.pg_get_userbyid(m.roleid),
      'member', r.rolname,
      'grantor', pg_catalog.pg_get_userbyid(m.grantor),
      'admin', m.admin_option,
      'inherit', coalesce(
        (pg_catalog.to_jsonb(m) ->> 'inherit_option')::pg_catalog.bool, r.rolinherit),
      'set', coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::pg_catalog.bool, true)
    ) as item
    from pg_catalog.pg_auth_members as m
    join pg_catalog.pg_roles as r on r.oid = m.member
    union all
    select pg_catalog.json_build_object(
      'role', 'pg_database_owner',
      'member', r.rolname,
      'grantor', r.rolname,
      'admin', false,
      'inherit',
        r.rolinherit or pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000,
      'set', true
    )
    from pg_catalog.pg_database as b
    join pg_catalog.pg_roles as r on r.oid = b.datdba
    where b.datname = pg_catalog.current_database()`

const defaultPrivileges: Sql = sql`
    select pg_catalog.json_build_object(
      'role', pg_catalog.pg_get_userbyid(p.defaclrole),
      'schema', n.name,
      'objectType', case p.defaclobjtype
        when 'r' then 'table' when 'S' then 'sequence' when 'f' then 'function'
        when 'T' then 'type' when 'n' then 'schema' else 'large object' end,
      'acl', ${aclItems(sql`p.defaclacl`)}
    ) as item
    from pg_catalog.pg_default_acl as p
    left join listed as n on n.oid = p.defaclnamespace
    where p.defaclnamespace = 0 or n.oid is not null`

const settingDefaults: Sql = sql`
    select pg_catalog.json_build_object(
      'role', case when s.setrole <> 0 then pg_catalog.pg_get_userbyid(s.setrole) end,
      'database', b.datname,
      'name', pg_catalog.split_part(setting, '=', 1),
      'value', pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
    ) as item
    from pg_catalog.pg_db_role_setting as s
    cross join pg_catalog.unnest(s.setconfig) as setting
    left join pg_catalog.pg_database as b
      on b.oid = s.setdatabase and b.datname = pg_catalog.current_database()
    where s.setdatabase = 0 or b.oid is not null`

const publications: Sql = sql`
    select pg_catalog.json_build_object(
      'name', p.pubname,
      'allTables', p.puballtables,
      'tables', coalesce((
        select pg_catalog.json_agg(pg_catalog.json_build_object(
          'schema', tn.nspname,
          'name', t.relname,
          'rowFilter', pg_catalog.pg_get_expr(published.filter, t.oid)))
        from (
          select pr.prrelid as relation, pr.prqual as filter
          from pg_catalog.pg_publication_rel as pr where pr.prpubid = p.oid
          union all
          select c.oid, null
          from pg_catalog.pg_publication_namespace as pn
          join pg_catalog.pg_class as c on c.relnamespace = pn.pnnspid
            and c.relkind in ('r', 'p') and c.relpersistence = 'p'
          where pn.pnpubid = p.oid and not exists (
            select from pg_catalog.pg_publication_rel as pr
            where pr.prpubid = p.oid and pr.prrelid = c.oid)
        ) as published
        join pg_catalog.pg_class as t on t.oid = published.relation
        join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace), '[]')
    ) as item
    from pg_catalog.pg_publication as p`

/** Select list of who may do what and what is published, to follow `listedSchemas`. */
export const authority: Sql = sql`
    ${jsonArray(roles)}::text as roles,
    ${jsonArray(memberships)}::text as memberships,
    ${jsonArray(defaultPrivileges)}::text as default_privileges,
    ${jsonArray(settingDefaults)}::text as setting_defaults,
    ${jsonArray(publications)}::text as publications`
