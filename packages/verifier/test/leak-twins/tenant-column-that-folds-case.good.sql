create collation egal (provider=icu, locale='und-u-ks-level2', deterministic=false);
create table akte(id int primary key, tenant_id text not null, titel text collate egal);
insert into akte values (1,'A','x'),(2,'a','y');
alter table akte enable row level security;
alter table akte force row level security;
grant select, insert, update, delete on akte to authenticated;
create policy mandant on akte for all to authenticated using (tenant_id = current_setting('app.current_tenant',true)) with check (tenant_id = current_setting('app.current_tenant',true));
