create table akte(id int primary key, tenant_id text not null, titel text, geheim text);
insert into akte values (1,'A','x','ga'),(2,'B','y','gb');
alter table akte enable row level security;
alter table akte force row level security;
create policy mandant on akte for all to authenticated using (tenant_id = current_setting('app.current_tenant',true)) with check (tenant_id = current_setting('app.current_tenant',true));
grant select, insert, update, delete on akte to authenticated;
create function zeige(m text) returns setof text language plpgsql stable security definer set search_path='' as $$ begin if m <> current_setting('app.current_tenant',true) then raise exception 'nein'; end if; return query select geheim from public.akte where tenant_id = m; end $$;
