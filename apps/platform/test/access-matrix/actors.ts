import type { RuntimeRole } from 'watertight/model'
import type { ContextMode, TenantContextInput } from 'watertight/runtime'
import { demo, demoActors } from '../../src/demo-data/index.js'
import type { DemoActorKey } from '../../src/demo-data/index.js'
import { stranger } from './expectation.js'
import type { MatrixActor } from './expectation.js'

const roleOfMode: Readonly<Record<ContextMode, RuntimeRole>> = {
  member: 'app',
  worker: 'worker',
  auditor: 'auditor',
  platform: 'platform',
  public: 'public',
}

const grants: Partial<Readonly<Record<DemoActorKey, MatrixActor['grant']>>> = {
  auditorLive: 'read',
  platformReadOnly: 'read',
  platformWritable: 'write',
}

const { tenants, orgUnits, users, accessGrants } = demo

/** Contexts that somebody might obtain by mistake or with intent, all properly signed. */
const oddClaims: Readonly<Record<string, TenantContextInput>> = {
  'a member without org scope': {
    mode: 'member',
    tenantId: tenants.school,
    userId: users.schoolPupil,
  },
  'a member with a unit of another tenant': {
    mode: 'member',
    tenantId: tenants.school,
    userId: users.schoolPupil,
    orgScope: 'unit',
    orgUnitId: orgUnits.security.northSite,
  },
  'a manager with the root unit of another tenant': {
    mode: 'member',
    tenantId: tenants.school,
    userId: users.schoolManager,
    orgScope: 'subtree',
    orgUnitId: orgUnits.security.root,
  },
  'an auditor with the grant of another tenant': {
    mode: 'auditor',
    tenantId: tenants.school,
    userId: users.auditor,
    accessGrantId: accessGrants.auditorLive,
  },
  'an auditor with the grant of somebody else': {
    mode: 'auditor',
    tenantId: tenants.security,
    userId: stranger,
    accessGrantId: accessGrants.auditorLive,
  },
  'an auditor with a grant for support': {
    mode: 'auditor',
    tenantId: tenants.security,
    userId: users.platformSupport,
    accessGrantId: accessGrants.platformReadOnly,
  },
  'support with a grant for auditors': {
    mode: 'platform',
    tenantId: tenants.security,
    userId: users.auditor,
    accessGrantId: accessGrants.auditorLive,
  },
}

/** The rows of the access matrix. */
export const matrixActors: readonly MatrixActor[] = [
  ...Object.values(roleOfMode).map((role) => ({
    name: `no context (${role})`,
    role,
    claims: null,
    grant: 'none' as const,
  })),
  ...Object.entries(demoActors).map(([key, { name, what, claims }]) => ({
    name: `${name}, ${what}`,
    role: roleOfMode[claims.mode],
    claims,
    grant: grants[key as DemoActorKey] ?? ('none' as const),
  })),
  ...Object.entries(oddClaims).map(([name, claims]) => ({
    name,
    role: roleOfMode[claims.mode],
    claims,
    grant: 'none' as const,
  })),
]
