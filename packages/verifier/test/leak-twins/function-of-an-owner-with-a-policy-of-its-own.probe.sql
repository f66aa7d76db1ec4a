set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
select 'LEAK' where exists (select 1 from hole() h where h='gb');
