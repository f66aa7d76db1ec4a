import type { DemoTenantKey } from './demo.js'
import { demo } from './demo.js'

/** What the seeding of each schema needs to know of a tenant. */
export interface DemoTenant {
  readonly key: DemoTenantKey
  readonly number: number
  readonly id: string
  readonly root: string
  /** Org units in which rows are put, in turn. */
  readonly places: readonly string[]
  readonly admin: string
  readonly manager: string
  readonly member: string
}

const { orgUnits, tenants, users } = demo

const tenantsByKey: Readonly<Record<DemoTenantKey, DemoTenant>> = {
  security: {
    key: 'security',
    number: 1,
    id: tenants.security,
    root: orgUnits.security.root,
    places: [
      orgUnits.security.northSite,
      orgUnits.security.southSite,
      orgUnits.security.controlRoom,
      orgUnits.security.root,
    ],
    admin: users.securityAdmin,
    manager: users.securityManager,
    member: users.securityAnalyst,
  },
  school: {
    key: 'school',
    number: 2,
    id: tenants.school,
    root: orgUnits.school.root,
    places: [
      orgUnits.school.class10a,
      orgUnits.school.class10b,
      orgUnits.school.physics,
      orgUnits.school.languages,
    ],
    admin: users.schoolAdmin,
    manager: users.schoolManager,
    member: users.schoolPupil,
  },
  events: {
    key: 'events',
    number: 3,
    id: tenants.events,
    root: orgUnits.events.root,
    places: [
      orgUnits.events.root,
      orgUnits.events.root,
      orgUnits.events.root,
      orgUnits.events.root,
    ],
    admin: users.eventsAdmin,
    manager: users.eventsManager,
    member: users.schoolAndEvents,
  },
}

/** The three tenants in the order of their numbers. */
export const demoTenants: readonly DemoTenant[] = Object.values(tenantsByKey)

/** The tenant of that key. */
export function demoTenant(key: DemoTenantKey): DemoTenant {
  return tenantsByKey[key]
}

/** One row for each tenant and place: `row` counts from 1 within the tenant. */
export function forEachPlace<Row>(
  make: (tenant: DemoTenant, orgUnitId: string, row: number) => Row,
): Row[] {
  return demoTenants.flatMap((tenant) =>
    tenant.places.map((place, index) => make(tenant, place, index + 1)),
  )
}

/** `count` rows for each tenant: `row` counts from 1 within the tenant. */
export function forEachTenant<Row>(
  count: number,
  make: (tenant: DemoTenant, row: number) => Row,
): Row[] {
  return demoTenants.flatMap((tenant) =>
    Array.from({ length: count }, (_, index) => make(tenant, index + 1)),
  )
}
