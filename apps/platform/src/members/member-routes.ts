import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { idList, readIds } from '../api/id-list.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { requireNotAbove, seesWholeTenant } from './authority.js'
import { managedMember, memberNow, settleMembership } from './managed-member.js'
import { memberOrders, findMember, listMembers } from './member-repository.js'
import type { MembershipStatus } from './member-repository.js'
import { memberRole, memberSchema, shownMember } from './member-schema.js'

const path = z.strictObject({ userId: z.uuid() })
const read = { kind: 'tenant', capability: 'members.read', auditor: true, support: true } as const
const write = { kind: 'tenant', capability: 'members.write' } as const
const reply = { status: 200, schema: memberSchema, description: 'The member' } as const

async function become(
  db: Queryable,
  context: TenantContext,
  userId: string,
  from: readonly MembershipStatus[],
  to: MembershipStatus,
): Promise<z.input<typeof memberSchema>> {
  const { member } = await managedMember(db, context, userId)
  if (!from.includes(member.status)) {
    throw new ApiProblem('CONFLICT', `the membership is ${member.status}`)
  }
  await settleMembership(db, member, { status: to })
  return shownMember(await memberNow(db, context, userId))
}

/** Who belongs to a tenant, and as what. */
export const memberRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/members',
    id: 'listMembers',
    summary: 'Members in sight, newest first',
    tag: 'members',
    access: read,
    input: {
      query: z.strictObject({
        ...sortedQuery(memberOrders),
        status: memberSchema.shape.status.optional(),
        role: memberRole.optional(),
        orgUnitId: z.uuid().optional(),
        search: z.string().trim().min(1).max(100).optional(),
        ids: idList.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(memberSchema), description: 'A page of members' },
    handle: async ({ tx, query, context }) => {
      const { status = null, role = null, orgUnitId = null, search = null } = query
      const ids = readIds(query.ids)
      const filter = { status, role, orgUnitId, search, ids, ...readPage(memberOrders, query) }
      const rows = await listMembers(tx, context.mode, seesWholeTenant(context), filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownMember), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/members/{userId}',
    id: 'getMember',
    summary: 'One member',
    tag: 'members',
    access: read,
    input: { params: path },
    reply,
    handle: async ({ tx, params, context }) =>
      shownMember(
        found(await findMember(tx, context.mode, seesWholeTenant(context), params.userId)),
      ),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/members/{userId}',
    id: 'changeMember',
    summary: 'Change the role or the job title of a member',
    tag: 'members',
    access: write,
    audit: { action: 'member.change', targetType: 'user', targetParam: 'userId' },
    input: {
      params: path,
      body: z.strictObject({
        role: memberRole.optional(),
        jobTitle: z.nullable(z.string().trim().min(1).max(200)).optional(),
      }),
    },
    reply,
    handle: async ({ tx, params, body, context }) => {
      const { authority, member } = await managedMember(tx, context, params.userId)
      if (body.role !== undefined) requireNotAbove(authority, body.role)
      if (member.status === 'revoked') throw new ApiProblem('CONFLICT', 'the membership is revoked')
      await settleMembership(tx, member, body)
      return shownMember(await memberNow(tx, context, member.id))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/members/{userId}/suspend',
    id: 'suspendMember',
    summary: 'Keep a member out until they are reinstated; at once',
    tag: 'members',
    access: write,
    audit: { action: 'member.suspend', targetType: 'user', targetParam: 'userId' },
    input: { params: path },
    reply,
    handle: ({ tx, params, context }) =>
      become(tx, context, params.userId, ['active'], 'suspended'),
  }),
  defineRoute({
    method: 'POST',
    path: '/members/{userId}/revoke',
    id: 'revokeMember',
    summary: 'End a membership; at once, with the API keys and open invitations of the member',
    tag: 'members',
    access: write,
    audit: { action: 'member.revoke', targetType: 'user', targetParam: 'userId' },
    input: { params: path },
    reply,
    handle: ({ tx, params, context }) =>
      become(tx, context, params.userId, ['active', 'suspended'], 'revoked'),
  }),
  defineRoute({
    method: 'POST',
    path: '/members/{userId}/reinstate',
    id: 'reinstateMember',
    summary: 'Let a suspended or revoked member in again',
    tag: 'members',
    access: write,
    audit: { action: 'member.reinstate', targetType: 'user', targetParam: 'userId' },
    input: { params: path },
    reply,
    handle: ({ tx, params, context }) =>
      become(tx, context, params.userId, ['suspended', 'revoked'], 'active'),
  }),
]
