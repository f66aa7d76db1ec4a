import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { Policy, Rule, Trigger } from '../snapshot.js'
import type { RelationGroup } from './fragments.js'
import { groupedByRelation, listedSchemas } from './fragments.js'

/** What acts on the rows of relations beside the statement itself. */
export interface RowActions {
  readonly policies: readonly RelationGroup<Policy>[]
  readonly triggers: readonly RelationGroup<Trigger>[]
  readonly rules: readonly RelationGroup<Rule>[]
}

const policies: Sql = sql`
    select p.polrelid as relation, pg_catalog.json_build_object(
      'name', p.polname,
      'permissive', p.polpermissive,
      'command', case p.polcmd
        when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
        when 'd' then 'DELETE' else 'ALL' end,
      'roles', case when 0 = any (p.polroles) then '[]' else (
        select pg_catalog.json_agg(pg_catalog.pg_get_userbyid(member))
        from pg_catalog.unnest(p.polroles) as member) end,
      'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
      'withCheck', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
      'comment', d.description
    ) as item
    from listed as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid
    join pg_catalog.pg_policy as p on p.polrelid = c.oid
    left join pg_catalog.pg_description as d
      on d.classoid = 'pg_catalog.pg_policy'::regclass and d.objoid = p.oid and d.objsubid = 0`

const triggers: Sql = sql`
    select t.tgrelid as relation, pg_catalog.json_build_object(
      'name', t.tgname,
      'definition', pg_catalog.pg_get_triggerdef(t.oid),
      'function', pg_catalog.json_build_object('schema', fn.nspname, 'name', f.proname),
      'enabled', case t.tgenabled
        when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' else 'origin' end,
      'inherited', t.tgparentid <> 0
    ) as item
    from listed as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relhastriggers
    join pg_catalog.pg_trigger as t on t.tgrelid = c.oid and not t.tgisinternal
    join pg_catalog.pg_proc as f on f.oid = t.tgfoid
    join pg_catalog.pg_namespace as fn on fn.oid = f.pronamespace`

const rules: Sql = sql`
    select w.ev_class as relation, pg_catalog.json_build_object(
      'name', w.rulename,
      'event', case w.ev_type
        when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end,
      'definition', pg_catalog.pg_get_ruledef(w.oid)
    ) as item
    from listed as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relhasrules
    join pg_catalog.pg_rewrite as w on w.ev_class = c.oid`

/** `policies`, `triggers` and `rules`: groups of what acts on rows beside the statement itself. */
export const rowActionsQuery: DocumentQuery<RowActions> = {
  sql: sql`
  with ${listedSchemas}
  select
    ${groupedByRelation(policies)}::text as policies,
    ${groupedByRelation(triggers)}::text as triggers,
    ${groupedByRelation(rules)}::text as rules`,
}
