import type { Queryable } from 'watertight/sql'

const tenants = `
insert into core.tenants (slug, name, has_public_page)
select 'org-' || n, 'Organisation ' || n, n % 10 <> 0 from generate_series(1, $1::integer) n`

const units = `
insert into core.org_units (tenant_id, name, slug, is_hidden_root)
select id, name, 'root', true from core.tenants where slug like 'org-%'`

// One in ten is a draft, one in twenty of the others is cancelled; a rare category, city and title
// among a million others are what an index has to find.
const events = `
with place as (
  select t.id as tenant_id, o.id as org_unit_id, row_number() over (order by t.id) - 1 as number,
    count(*) over () as places
  from core.tenants t join core.org_units o on o.tenant_id = t.id and o.parent_id is null
  where t.slug like 'org-%')
insert into evt.events (tenant_id, org_unit_id, slug, title, summary, description, status, starts_at,
  ends_at, venue, city, country, categories, capacity, created_by, published_at, cancelled_at)
select p.tenant_id, p.org_unit_id, 'event-' || n,
  case when n % 5000 = 4 then 'Zither night ' else (array['Concert ', 'Meeting ', 'Workshop ',
    'Festival ', 'Lecture '])[pick.a] end || n,
  'What it is about', repeat('A longer text about the event. ', 20),
  s.status, s.starts_at, s.starts_at + interval '3 hours', 'Great hall',
  case when n % 5000 = 1 then 'Husum' else (array['Berlin', 'Hamburg', 'Wien', 'Zürich', 'Paris',
    'Leipzig', 'Köln', 'Graz', 'Bern', 'Lyon'])[pick.b] end,
  (array['DE', 'DE', 'AT', 'CH', 'FR'])[pick.c],
  case when n % 5000 = 2 then array['falconry'] else array[(array['music', 'food', 'sports',
    'education'])[pick.d], (array['outdoor', 'family', 'evening'])[pick.e]] end,
  100, $1, case when s.status <> 'draft' then now() end,
  case when s.status = 'cancelled' then now() end
from generate_series($2::integer, $3::integer) n
join place p on p.number = n % p.places
cross join lateral (select 1 + abs(hashint4(n) % 5) as a, 1 + abs(hashint4(n + 1) % 10) as b,
  1 + abs(hashint4(n + 2) % 5) as c, 1 + abs(hashint4(n + 3) % 4) as d,
  1 + abs(hashint4(n + 4) % 3) as e) pick
cross join lateral (select
  (case when n % 10 = 0 then 'draft' when n % 20 = 7 then 'cancelled' else 'published' end
    )::evt.event_status as status,
  date_trunc('milliseconds', now() + (n * 7919::bigint % $4::bigint) * interval '1 minute') as starts_at) s`

/** How much there is to list. */
export interface ListingLoad {
  readonly tenants: number
  readonly events: number
}

/** Fills the platform's tables as the superuser, in portions; a tenth of the tenants stay private. */
export async function fillListing(
  db: Queryable,
  load: ListingLoad,
  createdBy: string,
  onProgress: (line: string) => void,
): Promise<void> {
  await db.query(tenants, [load.tenants])
  await db.query(units)
  const portion = 50_000
  const minutes = 2 * 365 * 24 * 60
  for (let from = 1; from <= load.events; from += portion) {
    const to = Math.min(from + portion - 1, load.events)
    await db.query(events, [createdBy, from, to, minutes])
    onProgress(`${String(to)} events`)
  }
  await db.query('vacuum analyze evt.events')
  await db.query('analyze core.tenants')
}
