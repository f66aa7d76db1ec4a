import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, searchText } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import type { JsonRow } from '../database/json-row.js'
import { jsonRow } from '../database/json-row.js'
import { sealSecret } from '../keys/seal-secret.js'
import { insertCredential, retireCredential } from './credential-repository.js'
import type { DestinationRow } from './destination-repository.js'
import {
  destinationOrders,
  deleteDestination,
  findDestination,
  insertDestination,
  isNameTaken,
  listDestinations,
  lockDestination,
  updateDestination,
} from './destination-repository.js'
import { destinationUrl, isSameOrigin } from './destination-target.js'
import { eventType, plainText, shownTime } from './fields.js'
import { actorOf } from './org-place.js'

const kind = z.enum(['webhook', 'siem', 'ticketing'])
const credentialKind = z.enum(['hmac', 'bearer', 'basic'])

const destination = z.object({
  id: z.uuid(),
  name: z.string(),
  kind,
  url: z.nullable(z.string()),
  eventTypes: z.array(z.string()),
  isEnabled: z.boolean(),
  credential: z.nullable(
    z.object({
      kind: credentialKind,
      hint: z.nullable(z.string()),
      version: z.int(),
      createdAt: shownTime,
    }),
  ),
  createdBy: z.nullable(z.uuid()),
  createdAt: shownTime,
})

/** A secret that may stand in a header: printable ASCII without surrounding space. */
const secret = z.string().regex(/^[\x21-\x7e][\x20-\x7e]{14,498}[\x21-\x7e]$/, 'is no secret')
const credential = z.strictObject({ kind: credentialKind, secret })

const description = {
  name: plainText(100),
  url: z.string().max(2000),
  eventTypes: z.array(eventType).min(1).max(50),
}

const newDestination = z.strictObject({
  ...description,
  kind,
  isEnabled: z.boolean().default(true),
  credential: credential.optional(),
})

const destinationChange = z
  .strictObject({ ...description, isEnabled: z.boolean(), credential })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')

const destinationPath = z.strictObject({ destinationId: z.uuid() })

const destinationQuery = z.strictObject({
  ...sortedQuery(destinationOrders),
  kind: kind.optional(),
  isEnabled: z.enum(['true', 'false']).optional(),
  /** Part of the name. */
  search: searchText.optional(),
})

const read = {
  kind: 'tenant',
  capability: 'integrations.read',
  auditor: true,
  support: true,
} as const
const write = { kind: 'tenant', capability: 'integrations.write' } as const

async function putCredential(
  tx: Transaction,
  destinationId: string,
  { kind, secret }: z.output<typeof credential>,
): Promise<void> {
  const id = randomUUID()
  const sealed = await sealSecret(tx, id, secret)
  await retireCredential(tx, destinationId)
  await insertCredential(tx, { id, destinationId, kind, ...sealed })
}

async function shown(tx: Transaction, id: string): Promise<JsonRow<DestinationRow>> {
  return jsonRow(found(await findDestination(tx, tx.context.mode, id)))
}

/** Where events are sent outside the platform. */
export const destinationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/integrations/destinations',
    id: 'listDestinations',
    summary: 'Destinations of events, newest first; never their secrets',
    tag: 'integrations',
    access: read,
    input: { query: destinationQuery },
    reply: { status: 200, schema: pageOf(destination), description: 'A page of destinations' },
    handle: async ({ tx, query, context }) => {
      const { kind = null, search = null } = query
      const isEnabled = query.isEnabled === undefined ? null : query.isEnabled === 'true'
      const filter = { kind, isEnabled, search, ...readPage(destinationOrders, query) }
      const rows = await listDestinations(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/integrations/destinations/{destinationId}',
    id: 'getDestination',
    summary: 'One destination',
    tag: 'integrations',
    access: read,
    input: { params: destinationPath },
    reply: { status: 200, schema: destination, description: 'The destination' },
    handle: ({ tx, params }) => shown(tx, params.destinationId),
  }),
  defineRoute({
    method: 'POST',
    path: '/integrations/destinations',
    id: 'createDestination',
    summary: 'Send events to a public https address',
    tag: 'integrations',
    access: write,
    audit: { action: 'destination.create', targetType: 'destination' },
    input: { body: newDestination },
    reply: { status: 201, schema: destination, description: 'The destination' },
    handle: async ({ tx, body, context }) => {
      const url = destinationUrl(body.url)
      const id = await insertDestination(tx, { ...body, url }, actorOf(context))
      if (id === undefined) throw new ApiProblem('CONFLICT', 'the name is in use')
      if (body.credential !== undefined) await putCredential(tx, id, body.credential)
      return shown(tx, id)
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/integrations/destinations/{destinationId}',
    id: 'updateDestination',
    summary: 'Change a destination; a bearer or basic secret does not follow to another host',
    tag: 'integrations',
    access: write,
    audit: {
      action: 'destination.update',
      targetType: 'destination',
      targetParam: 'destinationId',
    },
    input: { params: destinationPath, body: destinationChange },
    reply: { status: 200, schema: destination, description: 'The destination as it is now' },
    handle: async ({ tx, params: { destinationId: id }, body }) => {
      const before = found(await lockDestination(tx, id))
      const url = body.url === undefined ? undefined : destinationUrl(body.url)
      if (body.name !== undefined && (await isNameTaken(tx, id, body.name))) {
        throw new ApiProblem('CONFLICT', 'the name is in use')
      }
      // SECURITY: the new host would be sent a secret that was given for the old one.
      if (url !== undefined && !isSameOrigin(before, url)) {
        await retireCredential(tx, id, ['bearer', 'basic'])
      }
      await updateDestination(tx, id, { ...body, url })
      if (body.credential !== undefined) await putCredential(tx, id, body.credential)
      return shown(tx, id)
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/integrations/destinations/{destinationId}',
    id: 'deleteDestination',
    summary: 'End a destination; its deliveries stay on record, its secret does not work any more',
    tag: 'integrations',
    access: write,
    audit: {
      action: 'destination.delete',
      targetType: 'destination',
      targetParam: 'destinationId',
    },
    input: { params: destinationPath },
    reply: { status: 204, schema: z.null(), description: 'It is gone' },
    handle: async ({ tx, params: { destinationId: id } }) => {
      if (!(await deleteDestination(tx, id))) throw new ApiProblem('NOT_FOUND', 'no such object')
      await retireCredential(tx, id)
      return null
    },
  }),
]
