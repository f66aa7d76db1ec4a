import { integer, sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'

/** How large a schema {@link createLargeSchema} makes. */
export interface LargeSchemaOptions {
  readonly tables: number
}

/** Tables made by one statement: every table is locked until its transaction ends. */
const tablesPerStatement = 250

/**
 * Makes the schema `large` with tables `t_1` to `t_N`, each with five columns, a primary key, a
 * second index, a foreign key to the table before it, RLS enabled and forced, and four policies.
 * `db` must not be in a transaction.
 */
export async function createLargeSchema(
  db: Queryable,
  { tables }: LargeSchemaOptions,
): Promise<void> {
  await db.query('create schema large')
  for (let first = 1; first <= tables; first += tablesPerStatement) {
    const last = Math.min(first + tablesPerStatement - 1, tables)
    await db.query(createTables(first, last))
  }
}

function createTables(first: number, last: number): string {
  return sql`
    do $do$
    declare
      own constant text := $$tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid$$;
    begin
      for n in ${integer(first)} .. ${integer(last)} loop
        execute format(
          'create table large.t_%1$s (
            tenant_id uuid not null,
            id bigint not null,
            previous_id bigint,
            label text not null default ''none'',
            created_at timestamptz not null default now(),
            primary key (tenant_id, id))', n);
        execute format('create index t_%1$s_label on large.t_%1$s (tenant_id, label)', n);
        if n > 1 then
          execute format(
            'alter table large.t_%s add foreign key (tenant_id, previous_id)
              references large.t_%s (tenant_id, id)', n, n - 1);
        end if;
        execute format('alter table large.t_%s enable row level security,
          force row level security', n);
        execute format('create policy t_select on large.t_%s for select using (%s)', n, own);
        execute format('create policy t_insert on large.t_%s for insert with check (%s)', n, own);
        execute format('create policy t_update on large.t_%1$s for update using (%2$s)
          with check (%2$s)', n, own);
        execute format('create policy t_delete on large.t_%s for delete using (%s)', n, own);
      end loop;
    end
    $do$`.text
}
