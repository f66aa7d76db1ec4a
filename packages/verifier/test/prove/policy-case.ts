import type { Command, TenancyInput } from 'watertight/model'

/** Policies on a table, and what the prover must say of them. */
export interface PolicyCase {
  readonly name: string
  readonly context: TenancyInput['context']
  /** SQL; `{app}` and `{owner}` are the roles, `{s}` the case's own schema. */
  readonly sql: string
  readonly expected: Readonly<Partial<Record<Command, 'proven' | 'refuted' | 'unknown'>>>
  readonly table?: string
  readonly keyType?: 'uuid' | 'bigint' | 'text'
}

export const guc: TenancyInput['context'] = {
  kind: 'guc',
  tenant: 'app.tenant_id',
  user: 'app.user_id',
}
export const jwt: TenancyInput['context'] = {
  kind: 'jwt-claims',
  guc: 'request.jwt.claims',
  tenant: '/app_metadata/org',
  user: '/sub',
}
export const members: TenancyInput['context'] = {
  kind: 'membership',
  user: { guc: 'app.user_id' },
  via: { table: '{s}.memberships', user: 'user_id', tenant: 'tenant_id' },
}

/** The tenant of the settings, as policies usually write it. */
export const tenant = "nullif(current_setting('app.tenant_id', true), '')::uuid"
export const user = "nullif(current_setting('app.user_id', true), '')::uuid"
export const claims = "nullif(current_setting('request.jwt.claims', true), '')::jsonb"

/** A table `t` under forced Row Level Security with the policies, granted to the app role. */
export function tableWith(policies: string, columns: string = 'tenant_id uuid not null'): string {
  return `create table {s}.t (id uuid primary key, ${columns}, body text, state text, at timestamptz);
    alter table {s}.t enable row level security; alter table {s}.t force row level security;
    grant select, insert, update, delete on {s}.t to {app}; ${policies};`
}

/** One policy for all commands. */
export function using(condition: string, columns?: string): string {
  return tableWith(`create policy p on {s}.t to {app} using (${condition})`, columns)
}

export const everything = (
  verdict: 'proven' | 'refuted' | 'unknown',
): Readonly<Record<Command, typeof verdict>> => ({
  SELECT: verdict,
  INSERT: verdict,
  UPDATE: verdict,
  DELETE: verdict,
})
