import { demoId } from './demo-id.js'

const user = (row: number): string => demoId('core.users', 0, row)
const unit = (tenant: number, row: number): string => demoId('core.org_units', tenant, row)
const grant = (tenant: number, row: number): string => demoId('core.access_grants', tenant, row)
const event = (tenant: number, row: number): string => demoId('evt.events', tenant, row)

/** One of the three demo tenants. */
export type DemoTenantKey = 'security' | 'school' | 'events'

type Ids<Name extends string> = Readonly<Record<Name, string>>

/** The ids of the seeded rows, by what they stand for. */
export interface DemoData {
  readonly tenants: Ids<DemoTenantKey>
  readonly users: Ids<
    | 'securityAdmin'
    | 'securityManager'
    | 'securityAnalyst'
    | 'schoolAdmin'
    | 'schoolManager'
    | 'schoolPupil'
    | 'eventsAdmin'
    | 'eventsManager'
    | 'schoolAndEvents'
    | 'formerAnalyst'
    | 'auditor'
    | 'platformSupport'
    | 'platformLead'
    | 'visitor'
  >
  readonly orgUnits: {
    readonly security: Ids<'root' | 'northSite' | 'southSite' | 'controlRoom'>
    readonly school: Ids<
      'root' | 'science' | 'physics' | 'class10a' | 'class10b' | 'languages' | 'latin'
    >
    readonly events: Ids<'root'>
  }
  readonly accessGrants: Ids<
    | 'auditorLive'
    | 'platformReadOnly'
    | 'auditorExpired'
    | 'platformWritable'
    | 'auditorRevoked'
    | 'platformUpcoming'
  >
  readonly events: Ids<
    | 'securityPublished'
    | 'securityDraft'
    | 'securityCancelled'
    | 'schoolPublished'
    | 'schoolDraft'
    | 'eventsPublished'
    | 'eventsCancelled'
    | 'eventsDraft'
    | 'eventsSoldOut'
  >
}

/**
 * The fixed ids of the demo data: what documentation, tests and the console's tour can name.
 *
 * Northgate Security has sites, Lindenhof School has a tree four levels deep, Harbour Events is
 * small and has nothing but its hidden root unit.
 */
export const demo: DemoData = {
  tenants: {
    security: demoId('core.tenants', 1, 1),
    school: demoId('core.tenants', 2, 1),
    events: demoId('core.tenants', 3, 1),
  },
  users: {
    securityAdmin: user(1),
    /** Manages the northern site and its control room. */
    securityManager: user(2),
    /** Works at the southern site only. */
    securityAnalyst: user(3),
    schoolAdmin: user(4),
    /** Manages the science faculty with all below. */
    schoolManager: user(5),
    /** A pupil of class 10a. */
    schoolPupil: user(6),
    eventsAdmin: user(7),
    eventsManager: user(8),
    /** A pupil of class 10b at the school, and staff of the event organiser. */
    schoolAndEvents: user(9),
    /** Left the security company: the membership is revoked. */
    formerAnalyst: user(10),
    /** Not a member anywhere; comes by access grants. */
    auditor: user(11),
    /** Not a member anywhere; comes by access grants. */
    platformSupport: user(12),
    /** Approves the grants of platform support. */
    platformLead: user(13),
    /** Not a member anywhere; registers for events and asks for an organisation of their own. */
    visitor: user(14),
  },
  orgUnits: {
    security: {
      root: unit(1, 1),
      northSite: unit(1, 2),
      southSite: unit(1, 3),
      controlRoom: unit(1, 4),
    },
    school: {
      root: unit(2, 1),
      science: unit(2, 2),
      physics: unit(2, 3),
      class10a: unit(2, 4),
      class10b: unit(2, 5),
      languages: unit(2, 6),
      /** Archived. */
      latin: unit(2, 7),
    },
    events: { root: unit(3, 1) },
  },
  accessGrants: {
    /** The security company, auditor, until two weeks from now. */
    auditorLive: grant(1, 1),
    /** The security company, platform support, cannot write. */
    platformReadOnly: grant(1, 2),
    /** The school, auditor, ended yesterday. */
    auditorExpired: grant(2, 1),
    /** The school, platform support, can write. */
    platformWritable: grant(2, 2),
    /** The event organiser, auditor, taken back before its end. */
    auditorRevoked: grant(3, 1),
    /** The event organiser, platform support, starts tomorrow. */
    platformUpcoming: grant(3, 2),
  },
  events: {
    securityPublished: event(1, 1),
    securityDraft: event(1, 2),
    securityCancelled: event(1, 3),
    schoolPublished: event(2, 1),
    schoolDraft: event(2, 2),
    eventsPublished: event(3, 1),
    eventsCancelled: event(3, 2),
    eventsDraft: event(3, 3),
    eventsSoldOut: event(3, 4),
  },
}
