import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { managedMember, memberNow } from './managed-member.js'
import { assignPlace, removePlace } from './member-repository.js'
import { memberSchema, placeScope, shownMember } from './member-schema.js'
import { findOrgUnit, holdOrgUnit } from './org-unit-repository.js'

const path = z.strictObject({ userId: z.uuid(), orgUnitId: z.uuid() })
const write = { kind: 'tenant', capability: 'members.write' } as const

/** Where members work. */
export const placeRoutes: readonly Route[] = [
  defineRoute({
    method: 'PUT',
    path: '/members/{userId}/org-units/{orgUnitId}',
    id: 'assignOrgUnit',
    summary: 'Let a member work in an org unit, alone or with all below it',
    tag: 'members',
    access: write,
    audit: { action: 'member.assign', targetType: 'user', targetParam: 'userId' },
    input: { params: path, body: z.strictObject({ scope: placeScope }) },
    reply: { status: 200, schema: memberSchema, description: 'The member' },
    handle: async ({ tx, params, body, context }) => {
      const { authority, member } = await managedMember(tx, context, params.userId)
      found(await findOrgUnit(tx, authority.isWholeTenant, params.orgUnitId))
      if (member.status === 'revoked') throw new ApiProblem('CONFLICT', 'the membership is revoked')
      if (body.scope === 'subtree' && !authority.givesSubtrees) {
        throw new ApiProblem('CONFLICT', 'the caller works in one org unit alone')
      }
      if (!(await holdOrgUnit(tx, params.orgUnitId))) {
        throw new ApiProblem('CONFLICT', 'the org unit is archived')
      }
      await assignPlace(tx, String(context.tenantId), member.id, params.orgUnitId, body.scope)
      return shownMember(await memberNow(tx, context, member.id))
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/members/{userId}/org-units/{orgUnitId}',
    id: 'removeOrgUnit',
    summary: 'End that a member works in an org unit',
    tag: 'members',
    access: write,
    audit: { action: 'member.unassign', targetType: 'user', targetParam: 'userId' },
    input: { params: path },
    reply: { status: 204, schema: z.null(), description: 'They do not work there any more' },
    handle: async ({ tx, params, context }) => {
      const { authority, member } = await managedMember(tx, context, params.userId)
      found(await findOrgUnit(tx, authority.isWholeTenant, params.orgUnitId))
      found((await removePlace(tx, member.id, params.orgUnitId)) || undefined)
      return null
    },
  }),
]
