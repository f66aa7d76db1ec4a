import { z } from 'zod'
import type { AuditedAs, Route } from '../src/api/route.js'
import { defineRoute } from '../src/api/route.js'
import { forTenant } from '../src/api/tenant-step.js'

const access = { kind: 'tenant', capability: 'assets.write', support: true } as const
const audit: AuditedAs = { action: 'outbox.leave', targetType: 'message' }
const made = z.object({ id: z.uuid(), topic: z.string() })
const insert = `insert into ops.outbox (tenant_id, topic, payload) values ($2, $1, '{}')
  returning id, topic`
const body = z.strictObject({ topic: z.string().max(100) })

/** Writes that count themselves, since each one leaves a row in the outbox. */
export const messageRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/messages',
    id: 'leaveMessage',
    summary: 'x',
    tag: 'test',
    access,
    audit,
    input: { body },
    reply: { status: 201, schema: made, description: 'x' },
    handle: async ({ tx, context, body: { topic } }) => {
      const { rows } = await tx.query<z.input<typeof made>>(insert, [topic, context.tenantId])
      return rows[0] ?? { id: '', topic: '' }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/secrets',
    id: 'makeSecret',
    summary: 'x',
    tag: 'test',
    access,
    audit,
    revealsSecret: true,
    input: { body },
    reply: { status: 201, schema: made.extend({ secret: z.string() }), description: 'x' },
    handle: async ({ tx, context, body: { topic } }) => {
      const { rows } = await tx.query<z.input<typeof made>>(insert, [topic, context.tenantId])
      return { id: '', topic: '', ...rows[0], secret: 'shown once' }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/steps',
    id: 'leaveStep',
    summary: 'x',
    tag: 'test',
    access,
    audit,
    input: { body: body.extend({ tenantId: z.uuid() }) },
    reply: { status: 201, schema: made, description: 'x' },
    handle: ({ body: { topic, tenantId } }) =>
      Promise.resolve(
        forTenant(tenantId, async (tx) => {
          const { rows } = await tx.query<z.input<typeof made>>(insert, [topic, tenantId])
          return rows[0] ?? { id: '', topic: '' }
        }),
      ),
  }),
  defineRoute({
    method: 'POST',
    path: '/failures',
    id: 'fail',
    summary: 'x',
    tag: 'test',
    access,
    audit,
    input: { body: z.strictObject({ text: z.string() }) },
    reply: { status: 204, schema: z.null(), description: 'x' },
    handle: async ({ tx, body: { text } }) => {
      await tx.query(text)
      return null
    },
  }),
]
