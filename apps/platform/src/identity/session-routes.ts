import { z } from 'zod'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant, TenantStep } from '../api/tenant-step.js'
import type { IssuedSession } from './session-issuer.js'
import { switchSession } from './session-switch.js'
import { sessionSchema, shownSession } from './session-schema.js'
import { viewSession } from './session-view.js'

function shownToken({ token, expiresAt }: IssuedSession): z.input<typeof sessionToken> {
  return {
    accessToken: token,
    tokenType: 'Bearer',
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  }
}

/** A reply, now or after the step that makes it. */
function replied<View, Reply>(
  view: View | TenantStep<View>,
  show: (view: View) => Reply,
): Reply | TenantStep<Reply> {
  if (!(view instanceof TenantStep)) return show(view)
  return forTenant(view.tenantId, async (worker) => show(await view.run(worker)))
}

const sessionToken = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresAt: z.iso.datetime(),
})

const target = z
  .strictObject({
    tenantId: z.uuid().optional(),
    orgUnitId: z.uuid().optional(),
    grantId: z.uuid().optional(),
  })
  .refine(
    ({ tenantId, orgUnitId, grantId }) =>
      grantId === undefined
        ? tenantId !== undefined || orgUnitId !== undefined
        : tenantId === undefined && orgUnitId === undefined,
    'names a tenant, an org unit of it or both, or an access grant alone',
  )

/** Who the caller is, and switching to what else they are. */
export const sessionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/session',
    id: 'getSession',
    summary: 'Who the caller is, what they may do, and what they can switch to',
    tag: 'session',
    access: { kind: 'user' },
    input: {},
    reply: { status: 200, schema: sessionSchema, description: 'The session' },
    handle: async ({ tx, identity }) => replied(await viewSession(tx, identity), shownSession),
  }),
  defineRoute({
    method: 'POST',
    path: '/session/switch',
    id: 'switchSession',
    summary: 'A token for another tenant, org unit or access grant of the same user',
    tag: 'session',
    access: { kind: 'user' },
    revealsSecret: true,
    input: { body: target },
    reply: {
      status: 200,
      schema: sessionToken,
      description: 'A token that lives ten minutes at most',
    },
    handle: async ({ tx, services, identity, body }) => {
      if (services === null) throw new Error('the API was opened without sessions')
      return replied(await switchSession(tx, identity, body, services.sessions), shownToken)
    },
  }),
]
