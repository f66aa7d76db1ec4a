create table akte(id int primary key, tenant_id text not null, titel text, geheim text);
insert into akte values (1,'A','x','ga'),(2,'B','y','gb');
alter table akte enable row level security;
alter table akte force row level security;
create policy mandant on akte for all to authenticated using (tenant_id = current_setting('app.current_tenant',true)) with check (tenant_id = current_setting('app.current_tenant',true));
grant select, insert, update, delete on akte to authenticated;
alter table akte add wert text;
update akte set wert = case tenant_id when 'A' then '1' else 'keine' end;
alter policy mandant on akte using (wert::int >= 0 and tenant_id = nullif(current_setting('app.current_tenant',true),'')) with check (tenant_id = current_setting('app.current_tenant',true));
