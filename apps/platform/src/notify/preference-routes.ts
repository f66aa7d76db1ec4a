import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { shownTime } from '../security/fields.js'
import { actorOf } from '../security/org-place.js'
import {
  deletePreference,
  listPreferences,
  maxPreferences,
  putPreference,
} from './preference-repository.js'

const channel = z.enum(['email', 'sms', 'push', 'in_app'])
const hour = z.int().min(0).max(24)

const preference = z.object({
  topic: z.string(),
  channel,
  isEnabled: z.boolean(),
  quietHours: z.nullable(z.object({ from: hour, until: hour })),
  updatedAt: shownTime,
})

const preferencePath = z.strictObject({
  topic: z
    .string()
    .max(100)
    .regex(/^[a-z_]+(\.[a-z_]+)*$/, 'is no topic'),
  channel,
})

const quietHours = z
  .strictObject({ from: hour, until: hour })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'is not after from' })

const newPreference = z.strictObject({
  isEnabled: z.boolean(),
  quietHours: z.nullable(quietHours).default(null),
})

const read = { kind: 'tenant', capability: 'preferences.read' } as const
const write = { kind: 'tenant', capability: 'preferences.write' } as const

/** What the caller wants to be told; nobody else's. */
export const preferenceRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/notifications/preferences',
    id: 'listPreferences',
    summary: 'What the caller wants to be told, and how',
    tag: 'notifications',
    access: read,
    input: {},
    reply: {
      status: 200,
      schema: z.object({ items: z.array(preference) }),
      description: 'All preferences',
    },
    handle: async ({ tx, context }) => ({
      items: (await listPreferences(tx, actorOf(context))).map(jsonRow),
    }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/notifications/preferences/{topic}/{channel}',
    id: 'setPreference',
    summary: 'Say whether and when the caller wants to be told of a topic',
    tag: 'notifications',
    access: write,
    audit: { action: 'preference.set', targetType: 'preference' },
    input: { params: preferencePath, body: newPreference },
    reply: { status: 200, schema: preference, description: 'The preference' },
    handle: async ({ tx, params, body, context }) => {
      const userId = actorOf(context)
      const own = await listPreferences(tx, userId)
      const isNew = !own.some(
        (each) => each.topic === params.topic && each.channel === params.channel,
      )
      if (isNew && own.length >= maxPreferences) {
        throw new ApiProblem('CONFLICT', 'there are too many preferences')
      }
      return jsonRow(found(await putPreference(tx, userId, { ...params, ...body })))
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/notifications/preferences/{topic}/{channel}',
    id: 'deletePreference',
    summary: 'Go back to what everybody is told',
    tag: 'notifications',
    access: write,
    audit: { action: 'preference.delete', targetType: 'preference' },
    input: { params: preferencePath },
    reply: { status: 204, schema: z.null(), description: 'It is gone' },
    handle: async ({ tx, params: { topic, channel }, context }) => {
      if (await deletePreference(tx, actorOf(context), topic, channel)) return null
      throw new ApiProblem('NOT_FOUND', 'no such object')
    },
  }),
]
