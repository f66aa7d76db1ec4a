create table organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null
);

create table users (
  id uuid primary key default gen_random_uuid(),
  name text not null
);

create table memberships (
  organisation_id uuid not null references organisations,
  user_id uuid not null references users,
  primary key (organisation_id, user_id)
);

create table teams (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  parent_id uuid references teams,
  name text not null
);

create table todo_lists (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  team_id uuid not null references teams,
  title text not null,
  is_published boolean not null default false
);

create table todos (
  id uuid primary key default gen_random_uuid(),
  list_id uuid not null references todo_lists on delete cascade,
  title text not null,
  is_done boolean not null default false
);

create table labels (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  name text not null unique
);

create table audit_log (
  id bigint generated always as identity primary key,
  organisation_id uuid not null references organisations,
  action text not null,
  occurred_at timestamptz not null default now()
);

create table countries (
  code text primary key,
  name text not null
);
