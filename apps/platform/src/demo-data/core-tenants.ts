import { demo } from './demo.js'
import type { SeedContext } from './seed-context.js'
import { insertRows } from './seed-context.js'

const insertTenants = `
insert into core.tenants (id, slug, name, has_public_page, settings, billing_email, created_at)
select id, slug, name, has_public_page, settings, billing_email, created_at
from jsonb_populate_recordset(null::core.tenants, $1::jsonb)`

const insertOrgUnits = `
insert into core.org_units (id, tenant_id, parent_id, name, slug, is_hidden_root, archived_at)
select id, tenant_id, parent_id, name, slug, parent_id is null, archived_at
from jsonb_populate_recordset(null::core.org_units, $1::jsonb)`

const { tenants } = demo
const { security, school, events } = demo.orgUnits

type Unit = readonly [tenant: string, id: string, parent: string | null, slug: string, name: string]
const units: readonly Unit[] = [
  [tenants.security, security.root, null, 'root', 'Northgate Security'],
  [tenants.security, security.northSite, security.root, 'north-site', 'Northern site'],
  [tenants.security, security.southSite, security.root, 'south-site', 'Southern site'],
  [tenants.security, security.controlRoom, security.northSite, 'control-room', 'Control room'],
  [tenants.school, school.root, null, 'root', 'Lindenhof School'],
  [tenants.school, school.science, school.root, 'science', 'Science'],
  [tenants.school, school.physics, school.science, 'physics', 'Physics'],
  [tenants.school, school.class10a, school.physics, 'class-10a', 'Class 10a'],
  [tenants.school, school.class10b, school.physics, 'class-10b', 'Class 10b'],
  [tenants.school, school.languages, school.root, 'languages', 'Languages'],
  [tenants.school, school.latin, school.languages, 'latin', 'Latin'],
  [tenants.events, events.root, null, 'root', 'Harbour Events'],
]

/** The three tenants with their trees of org units, parents before children. */
export async function seedTenants(seed: SeedContext): Promise<void> {
  const rows = [
    [tenants.security, 'northgate-security', 'Northgate Security'],
    [tenants.school, 'lindenhof-school', 'Lindenhof School'],
    [tenants.events, 'harbour-events', 'Harbour Events'],
  ].map(([id, slug, name]) => ({
    id,
    slug,
    name,
    has_public_page: id !== tenants.security,
    settings: { shows_org_units: id !== tenants.events },
    billing_email: `billing@${String(slug)}.example`,
    created_at: seed.at({ days: -380 }),
  }))
  await insertRows(seed, insertTenants, rows)
  await insertRows(
    seed,
    insertOrgUnits,
    units.map(([tenant, id, parent, slug, name]) => ({
      id,
      tenant_id: tenant,
      parent_id: parent,
      name,
      slug,
      archived_at: id === school.latin ? seed.at({ days: -60 }) : null,
    })),
  )
}
