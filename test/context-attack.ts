import type pg from 'pg'
import { ident, sql } from 'watertight/sql'
import type { Forgery } from './context-forgery.js'
import { ids } from './attacked-shop.js'
import type { AttackedRole, AttackedShop } from './attacked-shop.js'

/** What a context opened, and how its statements failed. */
export interface Outcome {
  readonly name: string
  /** Rows read from the tenants' tables. */
  readonly seen: number
  /** Claims that the kernel functions believed. */
  readonly believed: readonly string[]
  /** SQLSTATE of each attempted INSERT; `written` where it went through. */
  readonly inserts: readonly string[]
  /** Rows that UPDATE and DELETE reached. */
  readonly changed: number
  /** Errors of reading, updating and deleting that are not a refusal (42501). */
  readonly faults: readonly string[]
}

const inserts = [
  `insert into shop.products (tenant_id, sku, title) values ('${ids.acme}', 'x1', 'x1')`,
  `insert into shop.products (tenant_id, sku, title) values ('${ids.globex}', 'x2', 'x2')`,
  `insert into shop.products (sku, title) values ('x3', 'x3')`,
  `insert into shop.orders (id, tenant_id, org_unit_id) values (500, '${ids.acme}', '${ids.acmeRoot}')`,
  `insert into shop.order_lines (id, order_id, quantity) values (500, 1, 1)`,
  `insert into shop.events (tenant_id) values ('${ids.acme}')`,
  `insert into shop.preferences values ('${ids.ann}', '${ids.globex}')`,
  `insert into shop.memberships values ('${ids.ann}', '${ids.globex}')`,
]

const changes = [
  `update shop.products set title = title || '!'`,
  `update shop.users set email = email || '!'`,
  `update shop.preferences set settings = '{"x": 1}'`,
  `update shop.order_lines set quantity = 0`,
  `delete from shop.line_notes`,
  `delete from shop.memberships`,
  `delete from shop."Odd ""Name"`,
]

const functions = [
  'tenant_id',
  'user_id',
  'mode',
  'org_unit_ids',
  'auditor_tenant_id',
  'platform_tenant_id',
  'platform_write_tenant_id',
]

/** Undoes an INSERT that went through, and says so. */
const rollingBack = (statement: string): string => `
  begin
    ${statement};
    raise exception using errcode = 'WT000';
  exception when others then
    inserted := inserted || case sqlstate when 'WT000' then 'written' else sqlstate end;
  end;`

const counting = (statement: string): string => `
  begin
    ${statement};
    get diagnostics reached = row_count;
    changed := changed + reached;
    raise exception using errcode = 'WT000';
  exception when others then
    if sqlstate not in ('WT000', '42501') then faults := faults || (sqlstate || ' ' || sqlerrm); end if;
  end;`

/** All tables and statements, or a few of them for contexts by the thousand. */
export type Depth = 'full' | 'light'

/** Loops on the server, as SQL that an attacker smuggled in would: a round trip per batch. */
function attackFunction(tables: readonly string[], depth: Depth): string {
  const few = depth === 'light' ? 1 : Infinity
  const counts = tables
    .slice(0, few + 1)
    .map((name) => `(select count(*) from ${sql`shop.${ident(name)}`.text})`)
  return `
create or replace function pg_temp.attack(tokens text[])
returns table (seen bigint, believed text[], inserted text[], changed bigint, faults text[])
language plpgsql as $attack$
declare
  reached bigint;
begin
  for n in 1..cardinality(tokens) loop
    seen := 0; believed := '{}'; inserted := '{}'; changed := 0; faults := '{}';
    perform set_config('watertight.context', tokens[n], true);
    begin
      believed := array_remove(array[${functions.map((name) => `watertight.${name}()::text`).join(', ')},
        nullif(watertight.has_capability('read'), false)::text], null);
      seen := ${counts.join(' + ')};
    exception when others then faults := faults || (sqlstate || ' ' || sqlerrm);
    end;
    ${inserts.slice(0, few).map(rollingBack).join('')}
    ${changes.slice(0, few).map(counting).join('')}
    return next;
  end loop;
end $attack$`
}

/** Tries every context in one transaction of the role, and reports what each opened. */
export async function attack(
  shop: AttackedShop,
  client: pg.Client,
  mode: AttackedRole,
  forgeries: readonly Forgery[],
  depth: Depth = 'full',
): Promise<readonly Outcome[]> {
  await client.query('begin')
  try {
    await client.query(attackFunction(await shop.readableBy(mode), depth))
    const { rows } = await client.query<
      Record<'seen' | 'changed', string> & Record<'believed' | 'inserted' | 'faults', string[]>
    >('select * from pg_temp.attack($1)', [forgeries.map(({ token }) => token)])
    return rows.map((row, index) => ({
      name: forgeries[index]?.name ?? '',
      seen: Number(row.seen),
      believed: row.believed,
      inserts: row.inserted,
      changed: Number(row.changed),
      faults: row.faults,
    }))
  } finally {
    await client.query('rollback')
  }
}

/** True when the context opened nothing: no row, no claim, no write, and no error but refusals. */
export function isHarmless({ seen, believed, inserts, changed, faults }: Outcome): boolean {
  return (
    seen === 0 &&
    believed.length === 0 &&
    changed === 0 &&
    faults.length === 0 &&
    inserts.every((state) => state === '42501')
  )
}
