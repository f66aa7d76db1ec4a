import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { acceptInvitation, matchInvitation } from './accept-invitation.js'
import type { Authority } from './authority.js'
import { authorityOf, requireNotAbove, seesWholeTenant } from './authority.js'
import {
  invitationOrders,
  insertInvitation,
  isMemberAddress,
  listInvitations,
  revokeInvitation,
} from './invitation-repository.js'
import type { InvitationRow } from './invitation-repository.js'
import { generateInvitationToken } from './invitation-secret.js'
import { mailInvitation } from './mail-invitation.js'
import { memberRole } from './member-schema.js'
import { findOrgUnit } from './org-unit-repository.js'

const state = z.enum(['open', 'accepted', 'revoked', 'expired'])

const invitation = z.object({
  id: z.uuid(),
  /** Null for auditors. */
  email: z.nullable(z.string()),
  role: memberRole,
  orgUnitId: z.nullable(z.uuid()),
  invitedBy: z.uuid(),
  state,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

function shown(row: InvitationRow): z.input<typeof invitation> {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    orgUnitId: row.org_unit_id,
    invitedBy: row.invited_by,
    state: row.state,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}

/** The unit that somebody is invited into: the caller's own for who does not see the whole tenant. */
async function placeOfInvitation(
  db: Queryable,
  { isWholeTenant, orgUnitId }: Authority,
  named: string | undefined,
): Promise<string | null> {
  const wanted = named ?? orgUnitId
  if (wanted === null) return null
  const unit = await findOrgUnit(db, isWholeTenant, wanted)
  if (unit !== undefined && unit.archived_at === null) return unit.id
  const errors = [{ pointer: '/body/orgUnitId', detail: 'is no org unit of the caller' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

async function invitingAuthority(
  db: Queryable,
  context: TenantContext,
  role: z.infer<typeof memberRole>,
): Promise<Authority> {
  const authority = await authorityOf(db, context)
  requireNotAbove(authority, role)
  if (role === 'tenant_admin' && !authority.isWholeTenant) {
    throw new ApiProblem('CONFLICT', 'the role is above the place of the caller')
  }
  if (role === 'org_manager' && !authority.givesSubtrees) {
    throw new ApiProblem('CONFLICT', 'the caller works in one org unit alone')
  }
  return authority
}

/** Letting people in. */
export const invitationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/invitations',
    id: 'listInvitations',
    summary: 'Invitations into org units in scope, newest first',
    tag: 'members',
    access: { kind: 'tenant', capability: 'members.write', auditor: true, support: true },
    input: { query: z.strictObject({ ...sortedQuery(invitationOrders), state: state.optional() }) },
    reply: { status: 200, schema: pageOf(invitation), description: 'A page of invitations' },
    handle: async ({ tx, query, context }) => {
      const { state: wanted = null } = query
      const filter = { state: wanted, ...readPage(invitationOrders, query) }
      const rows = await listInvitations(tx, context.mode, seesWholeTenant(context), filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations',
    id: 'createInvitation',
    summary: 'Invite an address, which is mailed the token; it is shown once here, too',
    tag: 'members',
    access: { kind: 'tenant', capability: 'members.write' },
    audit: { action: 'invitation.create', targetType: 'invitation' },
    revealsSecret: true,
    input: {
      body: z.strictObject({
        email: z.email().max(254).toLowerCase(),
        role: memberRole.default('member'),
        orgUnitId: z.uuid().optional(),
        expiresInDays: z.int().min(1).max(30).default(7),
      }),
    },
    reply: {
      status: 201,
      schema: invitation.extend({ token: z.string() }),
      description: 'The invitation with its token',
    },
    handle: async ({ tx, body, context, services }) => {
      const { email, role, expiresInDays: days } = body
      const authority = await invitingAuthority(tx, context, role)
      const orgUnitId = await placeOfInvitation(tx, authority, body.orgUnitId)
      if (await isMemberAddress(tx, email)) {
        throw new ApiProblem('CONFLICT', 'the address belongs to a member')
      }
      const { token, hash: tokenHash } = generateInvitationToken()
      const tenantId = String(context.tenantId)
      const invitedBy = authority.userId
      const row = await insertInvitation(tx, {
        tenantId,
        orgUnitId,
        email,
        role,
        tokenHash,
        invitedBy,
        days,
      })
      const publicUrl = services?.publicUrl ?? null
      await mailInvitation(tx, { email, token, expiresAt: row.expires_at, publicUrl })
      return { ...shown(row), token }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations/{invitationId}/revoke',
    id: 'revokeInvitation',
    summary: 'Take an open invitation back',
    tag: 'members',
    access: { kind: 'tenant', capability: 'members.write' },
    audit: {
      action: 'invitation.revoke',
      targetType: 'invitation',
      targetParam: 'invitationId',
    },
    input: { params: z.strictObject({ invitationId: z.uuid() }) },
    reply: { status: 204, schema: z.null(), description: 'It opens nothing any more' },
    handle: async ({ tx, params, context }) => {
      const { isWholeTenant } = await authorityOf(tx, context)
      found((await revokeInvitation(tx, isWholeTenant, params.invitationId)) || undefined)
      return null
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations/preview',
    id: 'previewInvitation',
    summary:
      'What an open invitation of the caller invites to, by its token; it is not accepted yet',
    tag: 'members',
    access: { kind: 'user', newcomers: true },
    input: { body: z.strictObject({ token: z.string().min(1).max(200) }) },
    reply: {
      status: 200,
      schema: z.object({
        tenantId: z.uuid(),
        tenantName: z.string(),
        email: z.string(),
        role: memberRole,
        expiresAt: z.iso.datetime(),
      }),
      description: 'The invitation; 404 unless it is open and for the address of the caller',
    },
    handle: async ({ tx, body, identity }) => {
      const { invitation: open } = await matchInvitation(tx, identity, body.token)
      return {
        tenantId: open.tenant_id,
        tenantName: open.tenant_name,
        email: open.email,
        role: open.role,
        expiresAt: open.expires_at.toISOString(),
      }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations/accept',
    id: 'acceptInvitation',
    summary: 'Become a member; who has no account yet gets one by their verified address',
    tag: 'members',
    access: { kind: 'user', newcomers: true },
    audit: { action: 'invitation.accept', targetType: 'user' },
    input: { body: z.strictObject({ token: z.string().min(1).max(200) }) },
    reply: {
      status: 201,
      schema: z.object({
        id: z.uuid(),
        tenantId: z.uuid(),
        tenantName: z.string(),
        role: memberRole,
      }),
      description: 'What the caller is now; id is the user',
    },
    handle: async ({ tx, body, identity }) => {
      const matched = await matchInvitation(tx, identity, body.token)
      const { tenant_id: tenantId, tenant_name: tenantName, role } = matched.invitation
      return forTenant(tenantId, async (worker) => {
        const id = await acceptInvitation(worker, matched)
        return { id, tenantId, tenantName, role }
      })
    },
  }),
]
