set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
insert into akte values (9,'A','B','boes');
reset role;
select 'LEAK' where exists (select 1 from post where tenant_id='B');
