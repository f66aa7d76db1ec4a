import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, searchText } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import {
  controlStatusOrders,
  findControlStatus,
  listControlStatus,
  setControlStatus,
  summarizeCompliance,
} from './control-status-repository.js'
import { plainText, shownTime } from './fields.js'
import { isActiveMember } from './member-sight.js'
import {
  controlOrders,
  frameworkOrders,
  isFramework,
  listControls,
  listFrameworks,
} from './framework-repository.js'

const framework = z.object({
  id: z.uuid(),
  code: z.string(),
  edition: z.string(),
  title: z.string(),
  publisher: z.string(),
  publishedOn: z.iso.date(),
})

const control = z.object({
  id: z.uuid(),
  frameworkId: z.uuid(),
  parentId: z.nullable(z.uuid()),
  code: z.string(),
  title: z.string(),
  guidance: z.nullable(z.string()),
})

const controlState = z.enum(['not_started', 'in_progress', 'implemented', 'not_applicable'])

const controlStatus = z.object({
  controlId: z.uuid(),
  frameworkId: z.uuid(),
  code: z.string(),
  title: z.string(),
  state: controlState,
  ownerId: z.nullable(z.uuid()),
  note: z.nullable(z.string()),
  reviewedAt: z.nullable(shownTime),
  updatedAt: z.nullable(shownTime),
  evidenceCount: z.int(),
  /** Days after which evidence of the control is stale. */
  freshDays: z.int(),
})

const summary = z.object({
  frameworkId: z.uuid(),
  code: z.string(),
  edition: z.string(),
  title: z.string(),
  controls: z.int(),
  implemented: z.int(),
  inProgress: z.int(),
  notStarted: z.int(),
  notApplicable: z.int(),
  withEvidence: z.int(),
})

const newStatus = z.strictObject({
  state: controlState,
  ownerId: z.nullable(z.uuid()).default(null),
  note: z.nullable(plainText(2000)).default(null),
  isReviewed: z.boolean().default(false),
  /** As it was where it is left out, and 90 at first. */
  freshDays: z.int().min(1).max(3650).optional(),
})

const frameworkPath = z.strictObject({ frameworkId: z.uuid() })
const read = {
  kind: 'tenant',
  capability: 'compliance.read',
  auditor: true,
  support: true,
} as const

/** Frameworks and controls for reference, and where the tenant stands. */
export const complianceRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/frameworks',
    id: 'listFrameworks',
    summary: 'Compliance frameworks, the same for all tenants',
    tag: 'compliance',
    access: read,
    input: { query: z.strictObject(sortedQuery(frameworkOrders)) },
    reply: { status: 200, schema: pageOf(framework), description: 'A page of frameworks' },
    handle: async ({ tx, query }) =>
      toSortedPage(await listFrameworks(tx, readPage(frameworkOrders, query)), query),
  }),
  defineRoute({
    method: 'GET',
    path: '/frameworks/{frameworkId}/controls',
    id: 'listControls',
    summary: 'Controls of a framework, by code unless another order is asked for',
    tag: 'compliance',
    access: read,
    input: {
      params: frameworkPath,
      query: z.strictObject({
        ...sortedQuery(controlOrders),
        /** Part of the code or the title. */
        search: searchText.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(control), description: 'A page of controls' },
    handle: async ({ tx, params: { frameworkId }, query }) => {
      if (!(await isFramework(tx, frameworkId))) found(undefined)
      const { search = null } = query
      const filter = { frameworkId, search, ...readPage(controlOrders, query) }
      return toSortedPage(await listControls(tx, filter), query)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/frameworks/{frameworkId}/status',
    id: 'listControlStatus',
    summary: 'Where the tenant stands with each control of a framework',
    tag: 'compliance',
    access: read,
    input: {
      params: frameworkPath,
      query: z.strictObject({
        ...sortedQuery(controlStatusOrders),
        state: controlState.optional(),
        ownerId: z.uuid().optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(controlStatus), description: 'A page of controls' },
    handle: async ({ tx, params: { frameworkId }, query }) => {
      if (!(await isFramework(tx, frameworkId))) found(undefined)
      const { state = null, ownerId = null } = query
      const filter = { frameworkId, state, ownerId, ...readPage(controlStatusOrders, query) }
      const { items, next } = toSortedPage(await listControlStatus(tx, filter), query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/controls/{controlId}/status',
    id: 'getControlStatus',
    summary: 'Where the tenant stands with a control',
    tag: 'compliance',
    access: read,
    input: { params: z.strictObject({ controlId: z.uuid() }) },
    reply: { status: 200, schema: controlStatus, description: 'The standing' },
    handle: async ({ tx, params }) => jsonRow(found(await findControlStatus(tx, params.controlId))),
  }),
  defineRoute({
    method: 'PUT',
    path: '/controls/{controlId}/status',
    id: 'setControlStatus',
    summary: 'Say where the tenant stands with a control',
    tag: 'compliance',
    access: { kind: 'tenant', capability: 'compliance.write', support: true },
    audit: { action: 'control.set_status', targetType: 'control', targetParam: 'controlId' },
    input: { params: z.strictObject({ controlId: z.uuid() }), body: newStatus },
    reply: { status: 200, schema: controlStatus, description: 'The standing' },
    handle: async ({ tx, params: { controlId }, body }) => {
      found(await findControlStatus(tx, controlId))
      if (body.ownerId !== null && !(await isActiveMember(tx, body.ownerId))) {
        const errors = [{ pointer: '/body/ownerId', detail: 'is no member of the tenant' }]
        throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
      }
      await setControlStatus(tx, controlId, body)
      return jsonRow(found(await findControlStatus(tx, controlId)))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/compliance',
    id: 'getCompliance',
    summary: 'How many controls of each framework are how far',
    tag: 'compliance',
    access: read,
    input: {},
    reply: {
      status: 200,
      schema: z.object({ frameworks: z.array(summary) }),
      description: 'A summary for each framework',
    },
    handle: async ({ tx }) => ({ frameworks: await summarizeCompliance(tx) }),
  }),
]
