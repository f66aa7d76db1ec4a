import type { SchemaCase } from '../schema-case.js'
import { accountRoles } from './account-roles.js'
import { arrayMemberships } from './array-memberships.js'
import { compositeKeys } from './composite-keys.js'
import { gatewayHeaders } from './gateway-headers.js'
import { legacySettings } from './legacy-settings.js'
import { permissionMatrix } from './permission-matrix.js'
import { profileOrganisation } from './profile-organisation.js'
import { reportingViews } from './reporting-views.js'
import { selfService } from './self-service.js'
import { teamChain } from './team-chain.js'
import { tokenClaims } from './token-claims.js'
import { typedChildren } from './typed-children.js'

/** Whole schemas of databases that watertight did not build. */
export const schemaCases: readonly SchemaCase[] = [
  accountRoles,
  permissionMatrix,
  profileOrganisation,
  tokenClaims,
  compositeKeys,
  teamChain,
  arrayMemberships,
  gatewayHeaders,
  typedChildren,
  selfService,
  legacySettings,
  reportingViews,
]
