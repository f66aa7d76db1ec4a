import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type { DatabaseInfo, EnumInfo, SchemaInfo, SequenceInfo } from '../snapshot.js'
import type { RawAclItem } from './fragments.js'
import { aclItems, jsonArray } from './fragments.js'

export interface RawSchema extends Omit<SchemaInfo, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

export interface RawDatabase extends Omit<DatabaseInfo, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

export interface RawSequence extends Omit<SequenceInfo, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

/** What {@link schemaObjects} selects. */
export interface RawSchemaObjects {
  /** The one connected database. */
  readonly databases: readonly RawDatabase[]
  readonly schemas: readonly RawSchema[]
  readonly sequences: readonly RawSequence[]
  readonly enums: readonly EnumInfo[]
}

const databases: Sql = sql`
    select pg_catalog.json_build_object(
      'owner', pg_catalog.pg_get_userbyid(d.datdba),
      'acl', ${aclItems(sql`coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))`)}
    ) as item
    from pg_catalog.pg_database as d
    where d.datname = pg_catalog.current_database()`

const schemas: Sql = sql`
    select pg_catalog.json_build_object(
      'name', s.nspname,
      'owner', pg_catalog.pg_get_userbyid(s.nspowner),
      'acl', ${aclItems(sql`coalesce(s.nspacl, pg_catalog.acldefault('n', s.nspowner))`)}
    ) as item
    from listed as n
    join pg_catalog.pg_namespace as s on s.oid = n.oid`

const sequences: Sql = sql`
    select pg_catalog.json_build_object(
      'schema', n.name,
      'name', c.relname,
      'owner', pg_catalog.pg_get_userbyid(c.relowner),
      'acl', ${aclItems(sql`coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))`)},
      'ownedBy', case when a.attname is not null then pg_catalog.json_build_object(
        'schema', tn.nspname, 'table', t.relname, 'column', a.attname) end,
      'isIdentity', coalesce(d.deptype = 'i', false)
    ) as item
    from listed as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relkind = 'S'
    left join pg_catalog.pg_depend as d
      on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjsubid > 0
      and d.deptype in ('a', 'i')
    left join pg_catalog.pg_class as t on t.oid = d.refobjid
    left join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
    left join pg_catalog.pg_attribute as a
      on a.attrelid = d.refobjid and a.attnum = d.refobjsubid`

const enums: Sql = sql`
    select pg_catalog.json_build_object(
      'schema', n.name,
      'name', t.typname,
      'labels', coalesce((
        select pg_catalog.json_agg(l.enumlabel order by l.enumsortorder)
        from pg_catalog.pg_enum as l where l.enumtypid = t.oid), '[]')
    ) as item
    from listed as n
    join pg_catalog.pg_type as t on t.typnamespace = n.oid and t.typtype = 'e'`

/** Select list `databases`, `schemas`, `sequences` and `enums`, to follow `listedSchemas`. */
export const schemaObjects: Sql = sql`
    ${jsonArray(databases)}::text as databases,
    ${jsonArray(schemas)}::text as schemas,
    ${jsonArray(sequences)}::text as sequences,
    ${jsonArray(enums)}::text as enums`
