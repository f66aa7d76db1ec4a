import type { TenantContextInput } from 'watertight/runtime'
import { demo } from './demo.js'

/** Somebody of the demo data, in one of the places where they may act. */
export interface DemoActor {
  readonly name: string
  readonly what: string
  /** What their context claims, without an expiry. */
  readonly claims: TenantContextInput
}

/** The name of a demo actor. */
export type DemoActorKey =
  | 'securityAdmin'
  | 'securityManager'
  | 'securityAnalyst'
  | 'schoolAdmin'
  | 'schoolManager'
  | 'schoolPupil'
  | 'schoolClassmate'
  | 'eventsAdmin'
  | 'eventsManager'
  | 'eventsStaff'
  | 'auditorLive'
  | 'auditorExpired'
  | 'auditorRevoked'
  | 'platformReadOnly'
  | 'platformWritable'
  | 'platformUpcoming'
  | 'platformWithoutGrant'
  | 'securityWorker'
  | 'schoolWorker'
  | 'anyone'

const { accessGrants, orgUnits, tenants, users } = demo
const { security, school, events } = orgUnits

/** Of what the role gives, that which policies ask for. */
const capabilities = ['evaluations.supervise']

function admin(tenantId: string, userId: string): TenantContextInput {
  return { mode: 'member', tenantId, userId, orgScope: 'all', capabilities }
}

function manager(tenantId: string, userId: string, orgUnitId: string): TenantContextInput {
  return { mode: 'member', tenantId, userId, orgScope: 'subtree', orgUnitId, capabilities }
}

function member(tenantId: string, userId: string, orgUnitId: string): TenantContextInput {
  return { mode: 'member', tenantId, userId, orgScope: 'unit', orgUnitId }
}

function auditor(tenantId: string, accessGrantId: string): TenantContextInput {
  return { mode: 'auditor', tenantId, userId: users.auditor, accessGrantId }
}

function support(tenantId: string, accessGrantId: string): TenantContextInput {
  return { mode: 'platform', tenantId, userId: users.platformSupport, accessGrantId }
}

function worker(tenantId: string): TenantContextInput {
  return { mode: 'worker', tenantId, orgScope: 'all' }
}

/** One of every kind of actor that the access matrix tells apart. */
export const demoActors: Readonly<Record<DemoActorKey, DemoActor>> = {
  securityAdmin: {
    name: 'Ada Berger',
    what: 'tenant admin, Northgate Security',
    claims: admin(tenants.security, users.securityAdmin),
  },
  securityManager: {
    name: 'Milan Novak',
    what: 'manager of the northern site with all below',
    claims: manager(tenants.security, users.securityManager, security.northSite),
  },
  securityAnalyst: {
    name: 'Sofia Rossi',
    what: 'analyst at the southern site',
    claims: member(tenants.security, users.securityAnalyst, security.southSite),
  },
  schoolAdmin: {
    name: 'Greta Lindqvist',
    what: 'tenant admin, Lindenhof School',
    claims: admin(tenants.school, users.schoolAdmin),
  },
  schoolManager: {
    name: 'Jonas Weber',
    what: 'head of science with all below',
    claims: manager(tenants.school, users.schoolManager, school.science),
  },
  schoolPupil: {
    name: 'Lea Brandt',
    what: 'pupil of class 10a',
    claims: member(tenants.school, users.schoolPupil, school.class10a),
  },
  schoolClassmate: {
    name: 'Noah Fischer',
    what: 'pupil of class 10b',
    claims: member(tenants.school, users.schoolAndEvents, school.class10b),
  },
  eventsAdmin: {
    name: 'Omar Haddad',
    what: 'tenant admin, Harbour Events',
    claims: admin(tenants.events, users.eventsAdmin),
  },
  eventsManager: {
    name: 'Inês Duarte',
    what: 'producer, Harbour Events',
    claims: manager(tenants.events, users.eventsManager, events.root),
  },
  eventsStaff: {
    name: 'Noah Fischer',
    what: 'door staff, Harbour Events',
    claims: member(tenants.events, users.schoolAndEvents, events.root),
  },
  auditorLive: {
    name: 'Helen Carter',
    what: 'auditor of Northgate Security, window open',
    claims: auditor(tenants.security, accessGrants.auditorLive),
  },
  auditorExpired: {
    name: 'Helen Carter',
    what: 'auditor of the school, window over',
    claims: auditor(tenants.school, accessGrants.auditorExpired),
  },
  auditorRevoked: {
    name: 'Helen Carter',
    what: 'auditor of Harbour Events, revoked',
    claims: auditor(tenants.events, accessGrants.auditorRevoked),
  },
  platformReadOnly: {
    name: 'Tomáš Dvořák',
    what: 'support at Northgate Security, read-only',
    claims: support(tenants.security, accessGrants.platformReadOnly),
  },
  platformWritable: {
    name: 'Tomáš Dvořák',
    what: 'support at the school, may write',
    claims: support(tenants.school, accessGrants.platformWritable),
  },
  platformUpcoming: {
    name: 'Tomáš Dvořák',
    what: 'support at Harbour Events, starts tomorrow',
    claims: support(tenants.events, accessGrants.platformUpcoming),
  },
  platformWithoutGrant: {
    name: 'Tomáš Dvořák',
    what: 'support, no grant',
    claims: { mode: 'platform', userId: users.platformSupport },
  },
  securityWorker: {
    name: 'a job',
    what: 'of Northgate Security',
    claims: worker(tenants.security),
  },
  schoolWorker: { name: 'a job', what: 'of the school', claims: worker(tenants.school) },
  anyone: { name: 'anyone', what: 'not signed in', claims: { mode: 'public' } },
}
