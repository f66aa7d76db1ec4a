create table konto(email text primary key, tenant_id text not null);
insert into konto values ('a@x','A'),('b@x','B');
alter table konto enable row level security;
alter table konto force row level security;
create policy mandant on konto for all to authenticated using (tenant_id = current_setting('app.current_tenant',true)) with check (tenant_id = current_setting('app.current_tenant',true));
grant select, insert, update, delete on konto to authenticated;
