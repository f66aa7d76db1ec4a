-- What was there before: tables with a tenant column, and an application that had better not
-- forget its WHERE.
create table tenants (
  id uuid primary key,
  name text not null
);

create table contacts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  email text not null
);

-- Belongs to the tenant of its contact.
create table calls (
  id bigint generated always as identity primary key,
  contact_id uuid not null references contacts,
  note text not null
);

create table countries (
  code text primary key
);
