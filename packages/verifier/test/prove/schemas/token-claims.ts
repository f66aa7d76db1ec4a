import { authSchema, protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** The organisation in the token, with files in folders. */
export const tokenClaims: SchemaCase = {
  name: 'the organisation as a claim of the token',
  ownerBypasses: true,
  sql: `${authSchema}
  create function public.get_my_claim(claim text) returns jsonb language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' -> claim, null) $f$;
  create function public.current_org() returns uuid language sql stable as $f$ select (auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid $f$;
  create table public.orgs (id uuid primary key, name text not null);
  create table public.documents (id uuid primary key, org_id uuid not null references public.orgs, author_id uuid not null default auth.uid(), path text not null, is_private boolean not null default false);
  create table public.folders (id uuid primary key, org_id uuid not null references public.orgs, name text not null);
  create table public.audit_events (id bigint generated always as identity primary key, org_id uuid not null default public.current_org(), actor uuid, action text not null, at timestamptz not null default now());
  create table public.comments (id uuid primary key, document_id uuid not null references public.documents (id), body text not null);
  ${protect('public.orgs', 'public.documents', 'public.folders', 'public.comments', 'public.audit_events')}
  revoke insert, update, delete on public.orgs from {app}; revoke update, delete on public.audit_events from {app};
  create policy own on public.orgs for select to {app} using (id = (select public.current_org()));
  create policy read on public.documents for select to {app} using (org_id = ((select auth.jwt()) -> 'app_metadata' ->> 'org_id')::uuid and (not is_private or author_id = (select auth.uid())));
  create policy add on public.documents for insert to {app} with check (org_id = (select (auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid) and author_id = (select auth.uid()) and split_part(path, '/', 1) = org_id::text);
  create policy edit on public.documents for update to {app} using ((select auth.uid()) = author_id and (select public.current_org()) = org_id) with check ((select public.current_org()) = org_id);
  create policy remove on public.documents for delete to {app} using (org_id::text = (auth.jwt() #>> '{app_metadata,org_id}') and coalesce((auth.jwt() ->> 'aal') = 'aal2', false));
  create policy all_of_it on public.folders for all to {app} using (org_id = (public.get_my_claim('org_id') #>> '{}')::uuid);
  create policy through on public.comments for all to {app} using (document_id in (select d.id from public.documents d where d.org_id = (select public.current_org())));
  create policy append on public.audit_events for insert to {app} with check (org_id = (select public.current_org()));
  create policy look on public.audit_events for select to {app} using (org_id = (select public.current_org()) and (select auth.jwt() -> 'app_metadata' ->> 'role') in ('admin', 'owner'));`,
  config: {
    tenantKey: { column: 'org_id', type: 'uuid', table: 'public.orgs' },
    context: {
      kind: 'jwt-claims',
      guc: 'request.jwt.claims',
      tenant: '/app_metadata/org_id',
      user: '/sub',
    },
    schemas: ['public'],
  },
  inferred: {
    context: { kind: 'jwt-claims', guc: 'request.jwt.claims', tenant: '/app_metadata/org_id' },
    column: 'org_id',
  },
  twins: [
    {
      name: 'the metadata that users edit',
      sql: `create or replace function public.current_org() returns uuid language sql stable as $f$ select (auth.jwt() -> 'user_metadata' ->> 'org_id')::uuid $f$;`,
      leaks: ['public.orgs SELECT', 'public.documents UPDATE', 'public.audit_events INSERT'],
    },
    {
      name: 'the folder decides alone',
      sql: `drop policy add on public.documents; create policy add on public.documents for insert to {app} with check (split_part(path, '/', 1) = (select auth.jwt() -> 'app_metadata' ->> 'org_id'));`,
      leaks: ['public.documents INSERT'],
    },
    {
      name: 'private documents of everybody',
      sql: `drop policy read on public.documents; create policy read on public.documents for select to {app} using (org_id = ((select auth.jwt()) -> 'app_metadata' ->> 'org_id')::uuid and not is_private or author_id = (select auth.uid()));`,
      leaks: ['public.documents SELECT'],
    },
    {
      name: 'support reads all',
      sql: `create policy support on public.comments for select to {app} using ((select auth.jwt() ->> 'is_support')::boolean);`,
      leaks: ['public.comments SELECT'],
    },
  ],
}
