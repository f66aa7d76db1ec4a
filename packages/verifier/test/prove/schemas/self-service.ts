import { authSchema, protect } from '../schema-case.js'
import type { SchemaCase } from '../schema-case.js'

/** Users make teams, and are members of what they make. */
export const selfService: SchemaCase = {
  name: 'users make their own teams, and views show the members of them',
  ownerBypasses: true,
  sql: `${authSchema}
  create table public.teams (id uuid primary key default gen_random_uuid(), name text not null, created_by uuid not null default auth.uid());
  create table public.team_users (team_id uuid not null references public.teams on delete cascade, user_id uuid not null, is_admin boolean not null default false, joined_at timestamptz not null default now(), primary key (team_id, user_id));
  create table public.posts (id uuid primary key default gen_random_uuid(), team_id uuid not null references public.teams, author uuid not null default auth.uid(), body text, published boolean not null default false);
  ${protect('public.teams', 'public.team_users', 'public.posts')}
  revoke update, delete on public.teams from {app}; revoke update on public.team_users from {app};
  grant select on public.posts to {anon};
  create function public.is_team_member(p_team uuid) returns boolean language sql stable security definer set search_path = '' as $f$
    select count(*) > 0 from public.team_users tu where tu.team_id = p_team and tu.user_id = auth.uid() $f$;
  create function public.is_team_admin(p_team uuid) returns boolean language plpgsql stable security definer set search_path = '' as $f$
    declare v_member public.team_users%rowtype;
    begin
      select * into v_member from public.team_users tu where tu.team_id = p_team and tu.user_id = auth.uid();
      case when v_member.user_id is null then return false; else return v_member.is_admin; end case;
    end $f$;
  create function public.create_team(team_name text) returns uuid language plpgsql security definer set search_path = '' as $f$
    declare new_team uuid;
    begin
      if auth.uid() is null then raise exception 'sign in first'; end if;
      insert into public.teams (name, created_by) values (team_name, auth.uid()) returning id into new_team;
      insert into public.team_users (team_id, user_id, is_admin) values (new_team, auth.uid(), true);
      return new_team;
    end $f$;
  create function public.leave_team(p_team uuid) returns void language sql security definer set search_path = '' as $f$
    delete from public.team_users where team_id = p_team and user_id = auth.uid() $f$;
  create function public.welcome() returns trigger language plpgsql security definer set search_path = '' as $f$
    begin
      insert into public.team_users (team_id, user_id, is_admin) values (new.id, new.created_by, true);
      return new;
    end $f$;
  create trigger welcome after insert on public.teams for each row execute function public.welcome();
  create policy signed_in on public.teams for insert to {app} with check (created_by = (select auth.uid()));
  create policy member on public.teams for select to {app} using ((select public.is_team_member(id)));
  create policy member on public.team_users for select to {app} using (public.is_team_member(team_id));
  create policy admin_adds on public.team_users for insert to {app} with check (public.is_team_admin(team_id));
  create policy admin_removes on public.team_users for delete to {app} using (public.is_team_admin(team_id) or (user_id = (select auth.uid()) and public.is_team_member(team_id)));
  create policy member on public.posts to {app} using (public.is_team_member(team_id)) with check (public.is_team_member(team_id) and author = (select auth.uid()));
  create policy published on public.posts for select to {anon} using (published);`,
  config: {
    tenantKey: { column: 'team_id', type: 'uuid', table: 'public.teams' },
    context: {
      kind: 'membership',
      user: { guc: 'request.jwt.claims', claim: '/sub' },
      via: { table: 'public.team_users', user: 'user_id', tenant: 'team_id' },
    },
    schemas: ['public'],
    tables: { 'public.posts': { public: { where: 'published' } } },
  },
  openWhenInferred: {
    'public.posts SELECT anon': 'does not follow',
    'public.posts SELECT app': 'proven for',
  },
  inferred: {
    context: { kind: 'membership', via: { table: { name: 'team_users' } } },
    column: 'team_id',
  },
  twins: [
    {
      name: 'a team that is there already is made again',
      sql: `create or replace function public.create_team(team_name text) returns uuid language plpgsql security definer set search_path = '' as $f$
        declare new_team uuid;
        begin
          select id into new_team from public.teams where name = team_name;
          if not found then insert into public.teams (name, created_by) values (team_name, auth.uid()) returning id into new_team; end if;
          insert into public.team_users (team_id, user_id, is_admin) values (new_team, auth.uid(), true);
          return new_team;
        end $f$;`,
      leaks: ['public.posts SELECT', 'public.teams SELECT'],
    },
    {
      name: 'a trigger lets whoever is named join',
      sql: `create table public.requests (id uuid primary key, team_id uuid, by_user uuid); grant insert on public.requests to {app};
        create function public.let_in() returns trigger language plpgsql security definer set search_path = '' as $f$
        begin insert into public.team_users (team_id, user_id) values (new.team_id, new.by_user); return new; end $f$;
        create trigger let_in after insert on public.requests for each row execute function public.let_in();`,
      leaks: ['public.posts SELECT', 'public.posts UPDATE'],
    },
    {
      name: 'a function moves memberships',
      sql: `create function public.move_member(p_user uuid, p_team uuid) returns void language sql security definer set search_path = '' as $f$
        update public.team_users set team_id = p_team where user_id = p_user and user_id = auth.uid() $f$;`,
      leaks: ['public.posts SELECT'],
    },
    {
      name: 'a function runs what it is given',
      sql: `create function public.run(q text) returns void language plpgsql security definer set search_path = '' as $f$ begin execute q; end $f$;`,
      leaks: ['public.posts SELECT'],
    },
    {
      name: 'admins of any team add members',
      sql: `create or replace function public.is_team_admin(p_team uuid) returns boolean language plpgsql stable security definer set search_path = '' as $f$
        declare v_member public.team_users%rowtype;
        begin
          select * into v_member from public.team_users tu where tu.user_id = auth.uid() and tu.is_admin;
          case when v_member.user_id is null then return false; else return v_member.is_admin; end case;
        end $f$;`,
      leaks: ['public.team_users INSERT', 'public.posts SELECT'],
    },
  ],
}
