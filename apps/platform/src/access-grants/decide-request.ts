import { WatertightError } from 'watertight/errors'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { insertGrantOfRequest } from './grant-repository.js'
import type { GrantRequestRow } from './grant-request-repository.js'
import { decideGrantRequest, holdGrantRequest } from './grant-request-repository.js'

/** A decision of a tenant admin on a request. */
export interface Decision {
  readonly requestId: string
  readonly decidedBy: string
  readonly note: string | null
  readonly approve: boolean
}

/**
 * Decides a pending request; an approval makes the grant in the same transaction, which is a
 * worker's: nobody else can write a grant.
 *
 * @throws FORBIDDEN for who asked or is to be let in.
 * @throws {ApiProblem} NOT_FOUND; CONFLICT for a request that is decided, or whose window is over.
 */
export async function decideRequest(tx: Queryable, decision: Decision): Promise<GrantRequestRow> {
  const { requestId, decidedBy, note, approve } = decision
  const request = found(await holdGrantRequest(tx, requestId))
  // SECURITY: two people, always. The table holds decisions to it as well.
  if (decidedBy === request.requested_by || decidedBy === request.grantee_id) {
    throw new WatertightError('FORBIDDEN', 'a second person decides on a request for access')
  }
  if (request.status !== 'pending') throw new ApiProblem('CONFLICT', 'the request is decided')
  if (approve && request.is_over) throw new ApiProblem('CONFLICT', 'the time asked for has passed')
  const grantId = approve ? found(await insertGrantOfRequest(tx, requestId, decidedBy)) : null
  return found(await decideGrantRequest(tx, requestId, { decidedBy, note, grantId }))
}
