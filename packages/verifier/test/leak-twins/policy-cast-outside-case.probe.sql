set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
create temp table o(n int);
insert into o select count(*) from akte;
select 'LEAK' where not exists (select 1 from o);
