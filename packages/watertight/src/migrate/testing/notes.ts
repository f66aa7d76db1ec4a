import type { Plan } from '../../plan/index.js'
import type { TenancyInput } from '../../model/index.js'
import type { Queryable } from '../../sql/index.js'

/** The smallest schema that has every risk of a change: two tenant tables, one refers to the other. */
export const notesSchema = `
create schema notes;
create table notes.tenants (id uuid primary key);
create table notes.folders (id bigint primary key, tenant_id uuid not null references notes.tenants);
create table notes.notes (
  id bigint primary key,
  tenant_id uuid not null references notes.tenants,
  folder_id bigint references notes.folders,
  body text);
insert into notes.tenants values
  ('aaaaaaaa-0000-4000-8000-000000000000'), ('bbbbbbbb-0000-4000-8000-000000000000');
insert into notes.folders values
  (1, 'aaaaaaaa-0000-4000-8000-000000000000'), (2, 'bbbbbbbb-0000-4000-8000-000000000000');
insert into notes.notes values
  (1, 'aaaaaaaa-0000-4000-8000-000000000000', 1, 'a'), (2, 'bbbbbbbb-0000-4000-8000-000000000000', 2, 'b');
`

/** The declaration for {@link notesSchema}. */
export function notesTenancy(rolePrefix: string, extra: Partial<TenancyInput> = {}): TenancyInput {
  return {
    tenantKey: { table: 'notes.tenants', columnByTable: { 'notes.tenants': 'id' } },
    roles: { prefix: rolePrefix, worker: null, platform: null, auditor: null },
    schemas: ['notes'],
    tables: {
      'notes.tenants': { scope: 'tenant', commands: ['SELECT'] },
      'notes.folders': { scope: 'tenant', public: { where: 'id > 0', columns: ['id'] } },
      'notes.notes': { scope: 'tenant' },
    },
    ...extra,
  }
}

/** Every hazard of a plan, allowed by name. */
export function allHazards(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ hazards, downHazards }) =>
    [...hazards, ...downHazards].map(({ kind, object }) => `${kind}:${object}`),
  )
}

/** How many advisory locks anyone holds in this database. */
export async function advisoryLocks(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int from pg_locks
     where locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows[0]?.count ?? -1
}
