set role authenticated;
select 'LEAK' where exists (select 1 from zeige('B'));
