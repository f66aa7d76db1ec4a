set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
select 'LEAK' where (select count(*) from akte)=2;
