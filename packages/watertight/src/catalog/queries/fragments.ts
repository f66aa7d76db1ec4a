import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'

/** Oid of a query's row, only used to join the results of one reading; never part of a snapshot. */
export type Oid = string

/** `[grantee, grantor, privilege, grantable]`; a null grantee is PUBLIC. */
export type RawAclItem = readonly [string | null, string, string, boolean]

/** Children of one relation, as {@link groupedByRelation} returns them. */
export type RelationGroup<Item> = readonly [relation: Oid, items: readonly Item[]]

/**
 * Common table expression `listed (oid, name)`: the schemas to read. The statement's `$1` is a JSON
 * array of names, or null for every schema that is not the server's own. It is text because drivers
 * disagree about arrays.
 */
export const listedSchemas: Sql = sql`listed as materialized (
    select n.oid, n.nspname as name
    from pg_catalog.pg_namespace as n
    where case
      when $1::text is null then
        n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
      else n.nspname in (select pg_catalog.json_array_elements_text($1::text::json))
    end
  )`

/** The items of an ACL as a JSON array of {@link RawAclItem}, null for a null ACL. */
export function aclItems(acl: Sql): Sql {
  return sql`(
      select pg_catalog.json_agg(pg_catalog.json_build_array(
        case when item.grantee <> 0 then pg_catalog.pg_get_userbyid(item.grantee) end,
        pg_catalog.pg_get_userbyid(item.grantor), item.privilege_type, item.is_grantable))
      from pg_catalog.aclexplode(${acl}) as item
    )`
}

/** A `name=value` text array (reloptions, proconfig) as a JSON object. */
export function optionsObject(options: Sql): Sql {
  return sql`coalesce((
      select pg_catalog.json_object_agg(
        pg_catalog.split_part(option, '=', 1),
        pg_catalog.substr(option, pg_catalog.strpos(option, '=') + 1))
      from pg_catalog.unnest(${options}) as option
    ), '{}')`
}

/** Names of the columns of a key (`int2[]` of attribute numbers) in key order, as a JSON array. */
export function columnNames(relation: Sql, key: Sql): Sql {
  return sql`coalesce((
      select pg_catalog.json_agg(part.attname order by entry.position)
      from pg_catalog.unnest(${key}) with ordinality as entry (attnum, position)
      left join pg_catalog.pg_attribute as part
        on part.attrelid = ${relation} and part.attnum = entry.attnum and entry.attnum <> 0
    ), '[]')`
}

/** One row with the JSON array of every `item` of `rows`. */
export function jsonArray(rows: Sql): Sql {
  return sql`coalesce((select pg_catalog.json_agg(item) from (${rows}) as rows), '[]')`
}

/** JSON array of {@link RelationGroup}: every `item` of `rows` under its `relation`. */
export function groupedByRelation(rows: Sql): Sql {
  return sql`coalesce((
    select pg_catalog.json_agg(pg_catalog.json_build_array(relation, items))
    from (
      select relation, pg_catalog.json_agg(item) as items from (${rows}) as rows group by relation
    ) as groups
  ), '[]')`
}
