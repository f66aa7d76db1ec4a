import type { Guard } from '../guard.js'
import { contextGuards } from './contexts.js'
import { identityGuards } from './identities.js'
import { ormGuards } from './orms.js'
import { statementGuards } from './statements.js'
import { systemScopeGuards } from './system-scope.js'
import { transactionGuards } from './transactions.js'

/** Every guard that is shown to be needed. */
export const guards: readonly Guard[] = [
  ...statementGuards,
  ...contextGuards,
  ...transactionGuards,
  ...systemScopeGuards,
  ...identityGuards,
  ...ormGuards,
]
