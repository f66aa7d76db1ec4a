import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText, shownTime } from '../security/fields.js'
import { actorOf } from '../security/org-place.js'
import { unknownPlaceholders } from './placeholders.js'
import {
  findSystemTemplate,
  listSystemTemplates,
  systemTemplateOrders,
} from './system-template-repository.js'
import {
  templateOrders,
  archiveTemplate,
  findTemplate,
  insertTemplate,
  listTemplates,
} from './template-repository.js'

const channel = z.enum(['email', 'sms', 'push', 'in_app'])

const systemTemplate = z.object({
  id: z.uuid(),
  key: z.string(),
  channel,
  locale: z.string(),
  subject: z.nullable(z.string()),
  body: z.string(),
  variables: z.array(z.string()),
  updatedAt: shownTime,
})

const template = z.object({
  id: z.uuid(),
  systemTemplateId: z.uuid(),
  subject: z.nullable(z.string()),
  body: z.string(),
  version: z.int(),
  updatedBy: z.nullable(z.uuid()),
  updatedAt: shownTime,
  archivedAt: z.nullable(shownTime),
})

const systemPath = z.strictObject({ systemTemplateId: z.uuid() })

const systemQuery = z.strictObject({
  ...sortedQuery(systemTemplateOrders),
  channel: channel.optional(),
  locale: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'is no locale')
    .optional(),
})

const templateQuery = z.strictObject({
  ...sortedQuery(templateOrders),
  systemTemplateId: z.uuid().optional(),
  archived: z.enum(['true', 'false']).optional(),
})

const newTemplate = z.strictObject({
  subject: z.nullable(plainText(200)).default(null),
  body: plainText(20_000),
})

const read = {
  kind: 'tenant',
  capability: 'notifications.read',
  auditor: true,
  support: true,
} as const
const write = { kind: 'tenant', capability: 'notifications.write', support: true } as const

/** Default texts, and what a tenant says in place of them. */
export const templateRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/notifications/system-templates',
    id: 'listSystemTemplates',
    summary: 'Default texts of all messages',
    tag: 'notifications',
    access: read,
    input: { query: systemQuery },
    reply: { status: 200, schema: pageOf(systemTemplate), description: 'A page of texts' },
    handle: async ({ tx, query }) => {
      const { channel = null, locale = null } = query
      const filter = { channel, locale, ...readPage(systemTemplateOrders, query) }
      const { items, next } = toSortedPage(await listSystemTemplates(tx, filter), query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/notifications/templates',
    id: 'listTemplates',
    summary: 'Texts of the tenant with all their versions, newest first',
    tag: 'notifications',
    access: read,
    input: { query: templateQuery },
    reply: { status: 200, schema: pageOf(template), description: 'A page of versions' },
    handle: async ({ tx, query }) => {
      const { systemTemplateId = null } = query
      const archived = query.archived === undefined ? null : query.archived === 'true'
      const filter = { systemTemplateId, archived, ...readPage(templateOrders, query) }
      const { items, next } = toSortedPage(await listTemplates(tx, filter), query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/notifications/templates/{templateId}',
    id: 'getTemplate',
    summary: 'One version of a text of the tenant',
    tag: 'notifications',
    access: read,
    input: { params: z.strictObject({ templateId: z.uuid() }) },
    reply: { status: 200, schema: template, description: 'The version' },
    handle: async ({ tx, params }) => jsonRow(found(await findTemplate(tx, params.templateId))),
  }),
  defineRoute({
    method: 'PUT',
    path: '/notifications/system-templates/{systemTemplateId}/override',
    id: 'overrideTemplate',
    summary: 'Say something else in place of a default text; the version before is kept',
    tag: 'notifications',
    access: write,
    audit: { action: 'template.override', targetType: 'template' },
    input: { params: systemPath, body: newTemplate },
    reply: { status: 200, schema: template, description: 'The live version' },
    handle: async ({ tx, params: { systemTemplateId }, body, context }) => {
      const { variables } = found(await findSystemTemplate(tx, systemTemplateId))
      const errors = unknownPlaceholders(body, variables)
      if (errors.length > 0) {
        throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
      }
      await archiveTemplate(tx, systemTemplateId)
      const made = await insertTemplate(tx, { systemTemplateId, ...body }, actorOf(context))
      if (made !== undefined) return jsonRow(made)
      throw new ApiProblem('CONFLICT', 'somebody else has changed the text meanwhile')
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/notifications/system-templates/{systemTemplateId}/override',
    id: 'restoreTemplate',
    summary: 'Go back to the default text; the versions are kept',
    tag: 'notifications',
    access: write,
    audit: {
      action: 'template.restore',
      targetType: 'system_template',
      targetParam: 'systemTemplateId',
    },
    input: { params: systemPath },
    reply: { status: 204, schema: z.null(), description: 'The default is in use' },
    handle: async ({ tx, params }) => {
      if (await archiveTemplate(tx, params.systemTemplateId)) return null
      throw new ApiProblem('NOT_FOUND', 'no such object')
    },
  }),
]
