import type { FieldProblem } from './api-problem.js'

/**
 * The field of a request that a unique index is about, by the name of the index.
 *
 * SECURITY: only indexes that begin with the tenant, so that the value is the caller's own tenant's, and
 * the short names of tenants, which staff alone give out. Addresses of guests are not among them: a page
 * that anybody may use would tell who is registered.
 */
const fieldByIndex: Readonly<Record<string, string>> = {
  tenants_slug_live: 'slug',
  org_units_slug_live: 'slug',
  api_keys_name_live: 'name',
  invitations_one_open: 'email',
  assets_hostname_live: 'hostname',
  integration_destinations_name_live: 'name',
  evaluations_slug_live: 'slug',
  events_slug_live: 'slug',
  ticket_types_name_live: 'name',
}

/** Names of the indexes that are told of. */
export const toldIndexes: readonly string[] = Object.keys(fieldByIndex)

/** The field whose value is taken, from the error of the driver; none where that is not for clients to know. */
export function takenFields(cause: unknown): readonly FieldProblem[] {
  const isError = typeof cause === 'object' && cause !== null && 'constraint' in cause
  const index = isError && typeof cause.constraint === 'string' ? cause.constraint : ''
  const field = Object.hasOwn(fieldByIndex, index) ? fieldByIndex[index] : undefined
  return field === undefined ? [] : [{ pointer: `/body/${field}`, detail: 'is taken already' }]
}
