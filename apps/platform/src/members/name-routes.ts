import { z } from 'zod'
import { idList, readIds } from '../api/id-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { namesOfOutsiders, namesOfStaff } from './name-repository.js'

const query = z.strictObject({ ids: idList })

/** Who somebody is that acted on a tenant and is no member of it. */
const outsiderKind = z.enum(['auditor', 'platform', 'other'])

/** What people are called who are in no list of members. */
export const nameRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/outsiders',
    id: 'listOutsiders',
    summary: 'Who was let in, acted or decided here and is no member, by their ids',
    tag: 'members',
    access: { kind: 'tenant', capability: 'members.read' },
    input: { query },
    reply: {
      status: 200,
      schema: z.object({
        items: z.array(
          z.object({
            userId: z.uuid(),
            // Null for staff who asked for or decided on access, and were never in the tenant.
            displayName: z.nullable(z.string()),
            kind: outsiderKind,
          }),
        ),
      }),
      description: 'Those of the ids who are known here and are no members',
    },
    handle: async ({ tx, query: { ids } }) => {
      const rows = await namesOfOutsiders(tx, readIds(ids) ?? [])
      const items = rows.map((row) => ({
        userId: row.id,
        displayName: row.display_name,
        kind: kindOf(row.is_platform_staff, row.is_auditor),
      }))
      return { items }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/platform/people',
    id: 'listDeciders',
    summary: 'Names of who asked for or decided on the end of tenants, by their ids',
    tag: 'platform',
    access: { kind: 'platform' },
    input: { query },
    reply: {
      status: 200,
      schema: z.object({
        items: z.array(
          z.object({ userId: z.uuid(), displayName: z.string(), isPlatformStaff: z.boolean() }),
        ),
      }),
      description: 'Those of the ids who are named in erasures and requests',
    },
    handle: async ({ tx, query: { ids } }) => {
      const rows = await namesOfStaff(tx, readIds(ids) ?? [])
      const items = rows.map((row) => ({
        userId: row.id,
        displayName: row.display_name,
        isPlatformStaff: row.is_platform_staff,
      }))
      return { items }
    },
  }),
]

function kindOf(isStaff: boolean, isAuditor: boolean): z.output<typeof outsiderKind> {
  if (isStaff) return 'platform'
  return isAuditor ? 'auditor' : 'other'
}
