import { WatertightError } from 'watertight/errors'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'

const ownPlace = `
select id from core.org_units
where archived_at is null and id = coalesce($1::uuid, $2::uuid,
  (select root.id from core.org_units root where root.is_hidden_root))
  and ($3 or id = any ((select watertight.org_unit_ids())::uuid[]))`

/**
 * The org unit in which the caller puts a new row: the one that they name, else the one they work
 * in, else the root of the tenant.
 *
 * @throws {ApiProblem} INVALID_REQUEST for a unit that they do not work in; whether it exists is not
 * told.
 */
export async function placeOf(
  db: Queryable,
  context: TenantContext,
  named: string | undefined,
): Promise<string> {
  // A grant opens a whole tenant, so platform support has all of its org units.
  const isSupport = context.mode === 'platform'
  const values = [named ?? null, context.orgUnitId, isSupport]
  const { rows } = await db.query<{ id: string }>(ownPlace, values)
  const [place] = rows
  if (place !== undefined) return place.id
  const errors = [{ pointer: '/body/orgUnitId', detail: 'is no org unit of the caller' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

/** The user who acts. @throws FORBIDDEN for a caller that is nobody in particular. */
export function actorOf(context: TenantContext): string {
  if (context.userId !== null) return context.userId
  throw new WatertightError('FORBIDDEN', 'the operation needs a user')
}
