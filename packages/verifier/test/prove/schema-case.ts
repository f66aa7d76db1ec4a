import type { TenancyInput } from 'watertight/model'

/** A whole schema as a team would write it, and what must be proven of it. */
export interface SchemaCase {
  readonly name: string
  /** SQL that `{owner}` runs; `{app}`, `{anon}` and `{service}` are the other roles. */
  readonly sql: string
  /** What runs as a superuser first. */
  readonly setup?: string
  /** Hosted platforms give the owner of everything BYPASSRLS. */
  readonly ownerBypasses?: boolean
  /** The declaration; the roles are filled in. */
  readonly config: Omit<TenancyInput, 'roles'>
  /** Cells that stay open, `table COMMAND role`, with a part of the reason; every other is proven. */
  readonly open?: Readonly<Record<string, string>>
  /** The same without a declaration, where that differs. */
  readonly openWhenInferred?: Readonly<Record<string, string>>
  /** What inference must find. */
  readonly inferred: { readonly context: unknown; readonly column: string }
  readonly twins: readonly LeakingTwin[]
}

/** A change that looks as if it belonged there, and opens a cell. */
export interface LeakingTwin {
  readonly name: string
  readonly sql: string
  /** Cells that must not be proven any more: `table COMMAND`, as the app role unless one is named. */
  readonly leaks: readonly string[]
}

/** Row Level Security and all privileges for the app role. */
export function protect(...tables: readonly string[]): string {
  return tables
    .map(
      (table) =>
        `alter table ${table} enable row level security; grant select, insert, update, delete on ${table} to {app};`,
    )
    .join('\n')
}

/** The same, where the owner is bound too. */
export function protectForced(...tables: readonly string[]): string {
  return `${protect(...tables)} ${tables.map((table) => `alter table ${table} force row level security;`).join(' ')}`
}

/** What a hosted platform offers: users, and functions that read the claims of the request. */
export const authSchema: string = `create schema auth;
  create table auth.users (id uuid primary key, email text unique);
  alter table auth.users enable row level security;
  create function auth.jwt() returns jsonb language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
  $f$;
  create function auth.uid() returns uuid language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid
  $f$;
  create function auth.role() returns text language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'))::text
  $f$;
  grant usage on schema auth to {app}, {anon}, {service};`
