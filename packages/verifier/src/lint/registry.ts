import { acceptExpired } from './rules/accept-expired/index.js'
import { acceptUnused } from './rules/accept-unused/index.js'
import { credentialColumn } from './rules/credential-column/index.js'
import { defaultPrivileges } from './rules/default-privileges/index.js'
import { disclosureExceeded } from './rules/disclosure-exceeded/index.js'
import { foreignKeyWithoutTenant } from './rules/foreign-key-without-tenant/index.js'
import { foreignTable } from './rules/foreign-table/index.js'
import { grantExcess } from './rules/grant-excess/index.js'
import { immutableContextFunction } from './rules/immutable-context-function/index.js'
import { leakproofFunction } from './rules/leakproof-function/index.js'
import { materializedView } from './rules/materialized-view/index.js'
import { membershipWritable } from './rules/membership-writable/index.js'
import { notifyPayload } from './rules/notify-payload/index.js'
import { outsideConnection } from './rules/outside-connection/index.js'
import { partitionUnprotected } from './rules/partition-unprotected/index.js'
import { policyErrorOracle } from './rules/policy-error-oracle/index.js'
import { policyFailsOpen } from './rules/policy-fails-open/index.js'
import { policyForPublic } from './rules/policy-for-public/index.js'
import { policyFunctionOwned } from './rules/policy-function-owned/index.js'
import { policyMissing } from './rules/policy-missing/index.js'
import { policyOpen } from './rules/policy-open/index.js'
import { policyRecursion } from './rules/policy-recursion/index.js'
import { policyWidened } from './rules/policy-widened/index.js'
import { publicationUnfiltered } from './rules/publication-unfiltered/index.js'
import { rlsDisabled } from './rules/rls-disabled/index.js'
import { rlsNotForced } from './rules/rls-not-forced/index.js'
import { rolePowers } from './rules/role-powers/index.js'
import { ruleOwnerRights } from './rules/rule-owner-rights/index.js'
import { schemaCreate } from './rules/schema-create/index.js'
import { securityDefinerFunction } from './rules/security-definer-function/index.js'
import { sequenceReadable } from './rules/sequence-readable/index.js'
import { serverVersion } from './rules/server-version/index.js'
import { sessionLevelContext } from './rules/session-level-context/index.js'
import { sessionRows } from './rules/session-rows/index.js'
import { settingDefault } from './rules/setting-default/index.js'
import { tenantColumnNullable } from './rules/tenant-column-nullable/index.js'
import { unclassifiedTable } from './rules/unclassified-table/index.js'
import { uniqueWithoutTenant } from './rules/unique-without-tenant/index.js'
import { unreadableCode } from './rules/unreadable-code/index.js'
import { userControlledClaim } from './rules/user-controlled-claim/index.js'
import { viewOwnerRights } from './rules/view-owner-rights/index.js'
import { viewWithoutBarrier } from './rules/view-without-barrier/index.js'
import type { Rule } from './rule.js'

/** Every rule, one line each; a test holds registered ⇔ documented ⇔ tested. */
export const rules: readonly Rule[] = [
  acceptExpired,
  acceptUnused,
  credentialColumn,
  defaultPrivileges,
  disclosureExceeded,
  foreignKeyWithoutTenant,
  foreignTable,
  grantExcess,
  immutableContextFunction,
  leakproofFunction,
  materializedView,
  membershipWritable,
  notifyPayload,
  outsideConnection,
  partitionUnprotected,
  policyErrorOracle,
  policyFailsOpen,
  policyForPublic,
  policyFunctionOwned,
  policyMissing,
  policyOpen,
  policyRecursion,
  policyWidened,
  publicationUnfiltered,
  rlsDisabled,
  rlsNotForced,
  rolePowers,
  ruleOwnerRights,
  schemaCreate,
  securityDefinerFunction,
  sequenceReadable,
  serverVersion,
  sessionLevelContext,
  sessionRows,
  settingDefault,
  tenantColumnNullable,
  unclassifiedTable,
  uniqueWithoutTenant,
  unreadableCode,
  userControlledClaim,
  viewOwnerRights,
  viewWithoutBarrier,
]
