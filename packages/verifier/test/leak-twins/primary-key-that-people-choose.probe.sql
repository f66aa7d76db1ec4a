set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
insert into konto values ('b@x','A');
reset role;
select 'LEAK' where (select count(*) from konto)=2;
