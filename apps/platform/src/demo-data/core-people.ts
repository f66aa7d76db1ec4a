import { demoId } from './demo-id.js'
import { demo } from './demo.js'
import { demoTenants } from './demo-tenants.js'
import type { DemoRow, SeedContext } from './seed-context.js'
import { insertRows } from './seed-context.js'

const insertUsers = `
insert into core.users (id, issuer, subject, email, display_name, locale, is_platform_staff, phone,
  created_at, last_seen_at)
select id, issuer, subject, email, display_name, locale, is_platform_staff, phone,
  created_at, last_seen_at
from jsonb_populate_recordset(null::core.users, $1::jsonb)`

const insertMemberships = `
insert into core.memberships (id, tenant_id, user_id, role, status, job_title, created_at, revoked_at)
select id, tenant_id, user_id, role, status, job_title, created_at, revoked_at
from jsonb_populate_recordset(null::core.memberships, $1::jsonb)`

const insertOrgMemberships = `
insert into core.org_memberships (id, tenant_id, user_id, org_unit_id, scope)
select id, tenant_id, user_id, org_unit_id, scope
from jsonb_populate_recordset(null::core.org_memberships, $1::jsonb)`

const { orgUnits, tenants, users } = demo

const people: readonly (readonly [id: string, subject: string, name: string])[] = [
  [users.securityAdmin, 'ada', 'Ada Berger'],
  [users.securityManager, 'milan', 'Milan Novak'],
  [users.securityAnalyst, 'sofia', 'Sofia Rossi'],
  [users.schoolAdmin, 'greta', 'Greta Lindqvist'],
  [users.schoolManager, 'jonas', 'Jonas Weber'],
  [users.schoolPupil, 'lea', 'Lea Brandt'],
  [users.eventsAdmin, 'omar', 'Omar Haddad'],
  [users.eventsManager, 'ines', 'Inês Duarte'],
  [users.schoolAndEvents, 'noah', 'Noah Fischer'],
  [users.formerAnalyst, 'viktor', 'Viktor Sokolov'],
  [users.auditor, 'helen', 'Helen Carter'],
  [users.platformSupport, 'tomas', 'Tomáš Dvořák'],
  [users.platformLead, 'amara', 'Amara Okafor'],
  [users.visitor, 'yuki', 'Yuki Tanaka'],
]

/** The issuer that the users of the demo are known by, wherever its provider listens. */
export const demoIssuer = 'https://login.watertight.example'

const addressOf = (subject: string): string => `${subject}@watertight.example`

/** Somebody of the demo who can sign in. */
export interface DemoLogin {
  readonly subject: string
  readonly email: string
  readonly name: string
}

/**
 * Everybody who can sign in at the demo's provider: its users, and for each tenant somebody who has
 * an open invitation and no account yet.
 */
export const demoLogins: readonly DemoLogin[] = [
  ...people.map(([, subject, name]) => ({ subject, email: addressOf(subject), name })),
  ...demoTenants.map(({ key }) => ({
    subject: `newcomer-${key}`,
    email: `newcomer-1@${key}.example`,
    name: `Newcomer to the ${key} demo`,
  })),
]

type Membership = readonly [tenant: string, user: string, role: string, title: string]
const memberships: readonly Membership[] = [
  [tenants.security, users.securityAdmin, 'tenant_admin', 'Head of security operations'],
  [tenants.security, users.securityManager, 'org_manager', 'Site manager'],
  [tenants.security, users.securityAnalyst, 'member', 'Analyst'],
  [tenants.security, users.formerAnalyst, 'member', 'Analyst'],
  [tenants.school, users.schoolAdmin, 'tenant_admin', 'Headmistress'],
  [tenants.school, users.schoolManager, 'org_manager', 'Head of science'],
  [tenants.school, users.schoolPupil, 'member', 'Pupil'],
  [tenants.school, users.schoolAndEvents, 'member', 'Pupil'],
  [tenants.events, users.eventsAdmin, 'tenant_admin', 'Founder'],
  [tenants.events, users.eventsManager, 'org_manager', 'Producer'],
  [tenants.events, users.schoolAndEvents, 'member', 'Door staff'],
]

const workplaces: readonly (readonly [
  tenant: string,
  user: string,
  unit: string,
  scope: string,
])[] = [
  [tenants.security, users.securityManager, orgUnits.security.northSite, 'subtree'],
  [tenants.security, users.securityAnalyst, orgUnits.security.southSite, 'unit'],
  [tenants.security, users.formerAnalyst, orgUnits.security.southSite, 'unit'],
  [tenants.school, users.schoolManager, orgUnits.school.science, 'subtree'],
  [tenants.school, users.schoolPupil, orgUnits.school.class10a, 'unit'],
  [tenants.school, users.schoolAndEvents, orgUnits.school.class10b, 'unit'],
  [tenants.events, users.eventsManager, orgUnits.events.root, 'subtree'],
  [tenants.events, users.schoolAndEvents, orgUnits.events.root, 'unit'],
]

/** Users exist before the tenants they will belong to. */
export async function seedUsers(seed: SeedContext): Promise<void> {
  const rows = people.map(([id, subject, displayName], index): DemoRow => ({
    id,
    issuer: demoIssuer,
    subject,
    email: addressOf(subject),
    display_name: displayName,
    locale: index % 3 === 0 ? 'de' : 'en',
    is_platform_staff: id === users.platformSupport || id === users.platformLead,
    phone: `+49 30 9018${String(2000 + index)}`,
    created_at: seed.at({ days: -400 + index }),
    last_seen_at: seed.at({ hours: -index }),
  }))
  await insertRows(seed, insertUsers, rows)
}

/** Who belongs where; one membership is revoked, one user belongs to two tenants. */
export async function seedMemberships(seed: SeedContext): Promise<void> {
  const rows = memberships.map(([tenant, user, role, title], index): DemoRow => {
    const isRevoked = user === users.formerAnalyst
    return {
      id: demoId('core.memberships', 0, index + 1),
      tenant_id: tenant,
      user_id: user,
      role,
      status: isRevoked ? 'revoked' : 'active',
      job_title: title,
      created_at: seed.at({ days: -300 }),
      revoked_at: isRevoked ? seed.at({ days: -20 }) : null,
    }
  })
  await insertRows(seed, insertMemberships, rows)
  await insertRows(
    seed,
    insertOrgMemberships,
    workplaces.map(([tenant, user, unit, scope], index) => ({
      id: demoId('core.org_memberships', 0, index + 1),
      tenant_id: tenant,
      user_id: user,
      org_unit_id: unit,
      scope,
    })),
  )
}
