import { WatertightError } from 'watertight/errors'
import type { HttpTenancyOptions, UserAnswer } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { callerOf } from './caller-claims.js'
import { findOwnUser } from './directory-repository.js'

type UserCheck = NonNullable<HttpTenancyOptions['checkUser']>

/**
 * The context of a user on routes without a tenant: mode `member` outside of any tenant. Who has no
 * account yet comes in mode `public`, which only routes for newcomers take.
 *
 * @throws FORBIDDEN for API keys, which are a tenant's.
 */
export function userCheck(tx: TxManager): UserCheck {
  return async (identity): Promise<UserAnswer> => {
    const { userId, apiKeyId } = callerOf(identity)
    if (apiKeyId !== null) {
      throw new WatertightError('FORBIDDEN', 'an API key acts for its tenant alone')
    }
    if (userId === null) return { mode: 'public' }
    const claims = { mode: 'member', tenantId: null, userId } as const
    const user = await findOwnUser(tx.as(parseTenantContext(claims)), userId)
    return user === undefined ? null : claims
  }
}
