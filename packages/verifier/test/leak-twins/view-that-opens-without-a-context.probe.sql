set role authenticated;
select 'LEAK' where exists (select 1 from alle where tenant_id='B');
