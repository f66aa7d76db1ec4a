create table akte(id int primary key, tenant_id text not null, titel text, geheim text);
insert into akte values (1,'A','x','ga'),(2,'B','y','gb');
alter table akte enable row level security;
alter table akte force row level security;
create policy mandant on akte for all to authenticated using (tenant_id = current_setting('app.current_tenant',true)) with check (tenant_id = current_setting('app.current_tenant',true));
grant select, insert, update, delete on akte to authenticated;
create function meine() returns setof text language plpgsql as $$ begin return query select a.geheim from public.akte a; end $$;
