import { protectForced } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

const workspace = "nullif(current_setting('app.workspace_id', true), '')::uuid"

/** Children of several kinds of parents; rows that are deleted softly; guards. */
export const typedChildren: SchemaCase = {
  name: 'polymorphic children, soft deletes and guards',
  sql: `create table workspaces (id uuid primary key, slug text not null unique check (slug ~ '^[a-z0-9-]+$'));
  create table pages (id uuid primary key, workspace_id uuid not null references workspaces, title text not null, status text not null default 'draft' check (status in ('draft', 'published', 'archived')), deleted_at timestamptz, published_at timestamptz);
  create table tickets (id uuid primary key, workspace_id uuid not null references workspaces, subject text, priority int not null default 0 check (priority >= 0 and priority <= 9), closed boolean not null default false);
  create table attachments (id uuid primary key, owner_type text not null check (owner_type in ('page', 'ticket')), page_id uuid references pages, ticket_id uuid references tickets, workspace_id uuid not null,
    url text not null, check (num_nonnulls(page_id, ticket_id) = 1));
  create table activity (id bigint generated always as identity primary key, workspace_id uuid not null, entity text not null, entity_id uuid not null, at timestamptz not null default now());
  ${protectForced('workspaces', 'pages', 'tickets', 'attachments', 'activity')}
  revoke insert, update, delete on workspaces from {app}; revoke update, delete on activity from {app};
  create policy read on workspaces for select to {app} using (id = ${workspace});
  create policy guard on pages as restrictive to {app} using (workspace_id = ${workspace}) with check (workspace_id = ${workspace});
  create policy live on pages for select to {app} using (deleted_at is null or deleted_at > now() - interval '30 days');
  create policy add on pages for insert to {app} with check (status = 'draft' and deleted_at is null);
  create policy edit on pages for update to {app} using (deleted_at is null and status <> 'archived') with check (status in ('draft', 'published'));
  create policy purge on pages for delete to {app} using (deleted_at < now() - interval '30 days' and case status when 'archived' then true when 'draft' then deleted_at is not null else false end);
  create policy guard on tickets as restrictive to {app} using (workspace_id = ${workspace});
  create policy everything on tickets to {app} using (true) with check (priority between 0 and 9);
  create policy parents on attachments to {app} using (workspace_id = ${workspace} and case owner_type when 'page' then exists (select 1 from pages p where p.id = attachments.page_id) when 'ticket' then exists (select 1 from tickets t where t.id = attachments.ticket_id) else false end);
  create policy add on activity for insert to {app} with check (workspace_id = ${workspace} and case when entity = 'page' then exists (select 1 from pages p where p.id = activity.entity_id) else entity = 'ticket' end);
  create policy read on activity for select to {app} using (workspace_id = ${workspace} and at >= date_trunc('day', now()) - interval '90 days');`,
  config: {
    tenantKey: { column: 'workspace_id', type: 'uuid', table: 'public.workspaces' },
    context: { kind: 'guc', tenant: 'app.workspace_id' },
    schemas: ['public'],
  },
  inferred: { context: { kind: 'guc', tenant: 'app.workspace_id' }, column: 'workspace_id' },
  twins: [
    {
      name: 'the guard is for reading only',
      sql: `drop policy guard on tickets; create policy guard on tickets as restrictive for select to {app} using (workspace_id = ${workspace});`,
      leaks: ['public.tickets INSERT', 'public.tickets UPDATE', 'public.tickets DELETE'],
    },
    {
      name: 'other kinds are open',
      sql: `drop policy read on activity; create policy read on activity for select to {app} using (case when entity = 'page' then workspace_id = ${workspace} else entity = 'ticket' end);`,
      leaks: ['public.activity SELECT'],
    },
    {
      name: 'published pages of everybody',
      sql: `drop policy guard on pages; create policy guard on pages to {app} using (workspace_id = ${workspace});`,
      leaks: ['public.pages SELECT', 'public.pages INSERT', 'public.pages UPDATE'],
    },
  ],
}
