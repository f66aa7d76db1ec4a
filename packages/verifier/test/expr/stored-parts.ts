import type pg from 'pg'

/** An expression, view or function body that a database holds, as PostgreSQL prints it. */
export interface StoredPart {
  readonly kind:
    'check' | 'default' | 'index' | 'plpgsql-function' | 'policy' | 'sql-function' | 'view'
  readonly text: string
}

/** Everything of a database's own schemas that the expression parser is for. */
export async function readParts(client: pg.Client): Promise<readonly StoredPart[]> {
  const { rows } = await client.query<StoredPart>(`
    with own as (
      select oid from pg_namespace where nspname !~ '^(pg_|information_schema$)'
    ), relation as (
      select oid, relkind from pg_class where relnamespace in (select oid from own)
    )
    select 'policy' as kind, pg_get_expr(polqual, polrelid) as text from pg_policy
    union all select 'policy', pg_get_expr(polwithcheck, polrelid) from pg_policy
    union all select 'check', pg_get_expr(conbin, conrelid) from pg_constraint
      where contype = 'c' and conrelid in (select oid from relation)
    union all select 'default', pg_get_expr(adbin, adrelid) from pg_attrdef
      where adrelid in (select oid from relation)
    union all select 'index', pg_get_expr(indpred, indrelid) from pg_index
      where indrelid in (select oid from relation)
    union all select 'index', pg_get_indexdef(indexrelid, k, true)
      from pg_index, generate_series(1, indnkeyatts) as k
      where indrelid in (select oid from relation) and indexprs is not null and indkey[k - 1] = 0
    union all select 'view', pg_get_viewdef(oid) from relation where relkind in ('v', 'm')
    union all
      select lanname || '-function', case lanname
        when 'plpgsql' then pg_get_functiondef(p.oid)
        else coalesce(pg_get_function_sqlbody(p.oid), prosrc)
      end
      from pg_proc p join pg_language l on l.oid = prolang
      where pronamespace in (select oid from own) and lanname in ('sql', 'plpgsql') and prokind = 'f'`)
  return rows.filter(({ text }) => text !== null)
}
