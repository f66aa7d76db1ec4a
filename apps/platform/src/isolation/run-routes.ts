import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, pageQuery } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Access, Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { withHeaders } from '../api/with-headers.js'
import { findCell, findingOrders, listCells, listFindings } from './cell-repository.js'
import { positionAfter, toPositions } from './position-page.js'
import {
  findDownload,
  findLatestRun,
  findRun,
  listRuns,
  requestRun,
  runOrders,
} from './run-repository.js'
import {
  cellCommand,
  cellMode,
  cellVerdict,
  isolationCell,
  isolationCellDetail,
  isolationFinding,
  isolationRun,
  isolationRunDetail,
  reportFormat,
  shownCell,
  shownCellDetail,
  shownFinding,
  shownRun,
  shownRunDetail,
} from './run-schema.js'

const runPath = z.strictObject({ runId: z.uuid() })

/** Where runs are read: by platform staff, or by a tenant, which sees those that have a result. */
interface Readers {
  readonly prefix: '/platform/isolation' | '/isolation'
  /** Part of the ids of the operations. */
  readonly name: 'Platform' | ''
  readonly tag: 'platform' | 'isolation'
  readonly access: Access
  readonly onlyFinished: boolean
}

function readRoutes({ prefix, name, tag, access, onlyFinished }: Readers): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs`,
      id: `list${name}IsolationRuns`,
      summary: 'Runs of the isolation check, newest first',
      tag,
      access,
      input: { query: z.strictObject(sortedQuery(runOrders)) },
      reply: { status: 200, schema: pageOf(isolationRun), description: 'A page of runs' },
      handle: async ({ tx, query }) => {
        const rows = await listRuns(tx, { ...readPage(runOrders, query), onlyFinished })
        const { items, next } = toSortedPage(rows, query)
        return { items: items.map(shownRun), next }
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/latest`,
      id: `getLatest${name}IsolationRun`,
      summary: 'The last run that has a result',
      tag,
      access,
      input: {},
      reply: { status: 200, schema: isolationRunDetail, description: 'The run' },
      handle: async ({ tx }) => {
        const id = found(await findLatestRun(tx))
        return shownRunDetail(found(await findRun(tx, id, true)))
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/{runId}`,
      id: `get${name}IsolationRun`,
      summary: 'One run and, while it runs, how far it is: poll it',
      tag,
      access,
      input: { params: runPath },
      reply: { status: 200, schema: isolationRunDetail, description: 'The run' },
      handle: async ({ tx, params: { runId } }) =>
        shownRunDetail(found(await findRun(tx, runId, onlyFinished))),
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/{runId}/cells`,
      id: `list${name}IsolationCells`,
      summary: 'Tables, modes and commands with their verdicts, in the order of the matrix',
      tag,
      access,
      input: {
        params: runPath,
        query: z.strictObject({
          ...pageQuery,
          limit: z.coerce.number().int().min(1).max(2000).default(500),
          object: z.string().max(300).optional(),
          mode: cellMode.optional(),
          command: cellCommand.optional(),
          verdict: cellVerdict.optional(),
          /** Only cells whose verdict is another than in the run before. */
          changed: z.enum(['true', 'false']).default('false'),
        }),
      },
      reply: { status: 200, schema: pageOf(isolationCell), description: 'A page of cells' },
      handle: async ({ tx, params: { runId }, query }) => {
        found(await findRun(tx, runId, onlyFinished))
        const { limit, object = null, mode = null, command = null, verdict = null } = query
        const afterPosition = positionAfter(query.after)
        const onlyChanged = query.changed === 'true'
        const filter = { limit, afterPosition, object, mode, command, verdict, onlyChanged }
        const { items, next } = toPositions(await listCells(tx, runId, filter), limit)
        return { items: items.map(shownCell), next }
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/{runId}/cells/{cellId}`,
      id: `get${name}IsolationCell`,
      summary: 'One cell: policies that decide, assumptions of the proof or the counterexample',
      tag,
      access,
      input: { params: runPath.extend({ cellId: z.uuid() }) },
      reply: { status: 200, schema: isolationCellDetail, description: 'The cell' },
      handle: async ({ tx, params: { runId, cellId } }) =>
        shownCellDetail(found(await findCell(tx, runId, cellId))),
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/{runId}/findings`,
      id: `list${name}IsolationFindings`,
      summary: 'What a run found, worst first',
      tag,
      access,
      input: {
        params: runPath,
        query: z.strictObject({
          ...sortedQuery(findingOrders),
          severity: isolationFinding.shape.severity.optional(),
        }),
      },
      reply: { status: 200, schema: pageOf(isolationFinding), description: 'A page of findings' },
      handle: async ({ tx, params: { runId }, query }) => {
        found(await findRun(tx, runId, onlyFinished))
        const filter = { severity: query.severity ?? null, ...readPage(findingOrders, query) }
        const { items, next } = toSortedPage(await listFindings(tx, runId, filter), query)
        return { items: items.map(shownFinding), next }
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${prefix}/runs/{runId}/report`,
      id: `download${name}IsolationReport`,
      summary: 'The evidence report of a run as a file',
      tag,
      access,
      input: {
        params: runPath,
        query: z.strictObject({ format: reportFormat.default('json') }),
      },
      reply: {
        status: 200,
        schema: z.string(),
        contentType: 'application/octet-stream',
        description: 'The report, as HTML, JSON, SARIF or Markdown',
      },
      handle: async ({ tx, params: { runId }, query: { format } }) =>
        withHeaders(found(await findDownload(tx, runId, format)), {
          'content-disposition': `attachment; filename="isolation-${runId}.${extensions[format]}"`,
          'x-content-type-options': 'nosniff',
        }),
    }),
  ]
}

const extensions: Readonly<Record<z.infer<typeof reportFormat>, string>> = {
  html: 'html',
  json: 'json',
  sarif: 'sarif',
  markdown: 'md',
}

const startRun = defineRoute({
  method: 'POST',
  path: '/platform/isolation/runs',
  id: 'startIsolationRun',
  summary: 'Ask for a run of the isolation check; one at a time',
  tag: 'platform',
  access: { kind: 'platform' },
  input: {
    body: z.strictObject({
      /** Also run the cross-tenant probes, in transactions that are rolled back. */
      attacks: z.boolean().default(true),
    }),
  },
  reply: { status: 202, schema: isolationRunDetail, description: 'The run, in the queue' },
  handle: async ({ tx, context, body: { attacks } }) => {
    const id = await requestRun(tx, context.userId, attacks)
    if (id === undefined) throw new ApiProblem('CONFLICT', 'a run is open already')
    return shownRunDetail(found(await findRun(tx, id, false)))
  },
})

/** Runs of the isolation check: staff start them, admins and auditors of tenants read the results. */
export const isolationRoutes: readonly Route[] = [
  startRun,
  ...readRoutes({
    prefix: '/platform/isolation',
    name: 'Platform',
    tag: 'platform',
    access: { kind: 'platform' },
    onlyFinished: false,
  }),
  ...readRoutes({
    prefix: '/isolation',
    name: '',
    tag: 'isolation',
    access: { kind: 'tenant', capability: 'isolation.read', auditor: true, support: true },
    onlyFinished: true,
  }),
]
