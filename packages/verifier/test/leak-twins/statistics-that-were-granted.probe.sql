insert into akte select g, 'B', 'oft', 'gb' from generate_series(10,99) g;
analyze akte;
set role authenticated;
set app.current_tenant='A';
set app.uid='u_A';
select 'LEAK' where exists (select 1 from pg_statistic where starelid='akte'::regclass and stavalues1::text like '%gb%');
