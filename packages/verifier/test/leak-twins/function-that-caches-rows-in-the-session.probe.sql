set role authenticated;
set app.current_tenant='B';
select count(*) from meine();
set app.current_tenant='A';
select 'LEAK' where exists (select 1 from meine() m where m='gb');
