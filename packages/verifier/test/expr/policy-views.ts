/** Views that PostgreSQL accepts over the tables of the policy schema. */
export const ordinaryPolicyViews: readonly string[] = [
  'select * from app.orders where tenant_id = auth.uid()',
  'select o.id, m.role as "The Role" from app.orders o left join app.members m on m.tenant_id = o.tenant_id and not m.revoked',
  'select o.id, u.* from only app.orders o cross join lateral (select u.parent from app.units u where u.id = o.org_id limit 1) u',
  'select tenant_id, count(*) as n, max(role) from app.members join app.units using (tenant_id) group by tenant_id having count(*) > 1',
  'select distinct on (tenant_id) tenant_id, role from app.members order by tenant_id, role desc nulls last',
  'select id from app.orders union all select user_id from app.members union (select id from app.units order by 1 limit 2)',
  'with a as materialized (select id from app.orders), b(x) as (select id from a) select x from b offset 1',
  'with recursive up(id, depth) as (select id, 1 from app.units union select u.parent, depth + 1 from app.units u join up on up.id = u.id) select * from up',
  'select x.v, x.i from app.orders o, unnest(o.ids) with ordinality x(v, i)',
  "select r.a, r.b from json_to_recordset('[]') as r(a integer, b varchar(3))",
  'values (1, $$a$$), (2, null)',
  'select id, (select count(*) from app.members m where m.tenant_id = o.tenant_id) from app.orders o for update of o skip locked',
  'select j.tenant_id from (app.members natural join app.units) as j',
  'select m.tenant_id from app.members m full join app.units u using (tenant_id) as merged where merged.tenant_id is not null',
  'select date_trunc($$day$$, at) as day from app.orders group by 1 order by 1 fetch first 3 rows with ties',
]
