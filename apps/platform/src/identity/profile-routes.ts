import { z } from 'zod'
import { found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { changeOwnProfile, findOwnUser } from './directory-repository.js'
import { sessionUser, shownUser } from './session-schema.js'

/** How users are called. */
export const profileRoutes: readonly Route[] = [
  defineRoute({
    method: 'PATCH',
    path: '/me',
    id: 'changeProfile',
    summary: 'Change the own name or language',
    tag: 'session',
    access: { kind: 'user' },
    input: {
      body: z.strictObject({
        displayName: z.string().trim().min(1).max(200).optional(),
        locale: z
          .string()
          .regex(/^[a-z]{2}(-[A-Z]{2})?$/)
          .optional(),
      }),
    },
    reply: { status: 200, schema: sessionUser, description: 'The user' },
    handle: async ({ tx, body, context }) => {
      await changeOwnProfile(tx, body.displayName ?? null, body.locale ?? null)
      return shownUser(found(await findOwnUser(tx, context.userId ?? '')))
    },
  }),
]
