import type { z } from 'zod'
import { WatertightError } from 'watertight/errors'
import { requireCapability } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext, Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { memberStanding } from '../identity/standing-check.js'
import { explainQuery, explainReply, explainTables } from './explain-schema.js'
import type { WantedContext } from './explain-schema.js'
import type { ExplainedTable } from './explained-tables.js'
import { explainedTables } from './explained-tables.js'
import { readColumns, readValues } from './row-repository.js'
import type { ColumnRow, RowKey } from './row-repository.js'
import { shownExplanation } from './shown-explanation.js'

/** Why a row is or is not visible, without saying that a row exists which the caller does not see. */
export const explainRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/explain/tables',
    id: 'listExplainTables',
    summary: 'Tables that can be asked about, with their columns',
    tag: 'isolation',
    access: { kind: 'tenant', capability: 'explain.read', auditor: true },
    input: {},
    reply: { status: 200, schema: explainTables, description: 'The declared tables' },
    handle: async ({ tx }) => {
      const read = await readColumns(tx, explainedTables)
      const items = read.flatMap(({ table, columns }) => {
        const declared = explainedTables.get(table)
        if (declared === undefined) return []
        const { scope, appendOnly } = declared
        return [{ name: table, scope, appendOnly, columns: columns.map((each) => ({ ...each })) }]
      })
      return { items }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/explain',
    id: 'explainRow',
    summary: 'Why a row is or is not visible to the caller, or to another member of the tenant',
    tag: 'isolation',
    // An auditor asks with their own eyes: other members take a capability that no grant has.
    access: { kind: 'tenant', capability: 'explain.read', auditor: true },
    audit: { action: 'row.explain', targetType: 'row' },
    input: { query: explainQuery },
    reply: { status: 200, schema: explainReply, description: 'The verdict and its grounds' },
    handle: async ({ tx, query, context: caller, services }) => {
      const explainer = services?.explainer
      if (explainer === undefined) {
        throw new ApiProblem('NOT_CONFIGURED', 'this server explains nothing')
      }
      const { command } = query
      const wanted = wantedOf(query)
      if (wanted.kind === 'member') requireCapability('explain.members', caller)
      const table = found(explainedTables.get(query.table))
      const [read] = await readColumns(tx, new Map([[query.table, table]]))
      const columns = read?.columns ?? []
      const key = keyOf(query.key, columns)
      const values = await readRow(tx, table, key, columns)
      // The server looks up the other member; what is asked of the row runs as they would.
      return forTenant(caller.tenantId ?? '', async (worker) => {
        const context = await contextOf(worker, wanted, caller)
        const explanation = await explainer({
          table: query.table,
          key,
          command,
          columns: readByAuditor(caller, columns),
          context,
          asker: caller,
        }).catch(refuseQuestion)
        return shownExplanation({
          explanation,
          table,
          command,
          kind: wanted.kind,
          context,
          values,
        })
      })
    },
  }),
]

/** @throws {ApiProblem} INVALID_REQUEST where `member` and `userId` are not given together. */
function wantedOf({ as, userId, orgUnitId }: z.output<typeof explainQuery>): WantedContext {
  if (
    (as === 'member') !== (userId !== undefined) ||
    (as !== 'member' && orgUnitId !== undefined)
  ) {
    throw invalid('/query/userId', 'is given with `as=member`, and only then')
  }
  return userId === undefined || as !== 'member'
    ? { kind: as === 'none' ? 'none' : 'own' }
    : { kind: 'member', userId, orgUnitId: orgUnitId ?? null }
}

function invalid(pointer: string, detail: string): ApiProblem {
  const problem = 'the request does not fit the schema'
  return new ApiProblem('INVALID_REQUEST', problem, [{ pointer, detail }])
}

/** @throws {ApiProblem} INVALID_REQUEST for what is no key of the table. */
function keyOf(values: readonly string[], columns: readonly ColumnRow[]): RowKey {
  const names = columns.flatMap(({ name, isKey }) => (isKey ? [name] : []))
  if (names.length > 0 && names.length === values.length) {
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
  }
  throw invalid('/query/key', `needs a value of ${names.join(', ')}`)
}

/** Auditors read tables through what is redacted for them; the whole row is asked of nobody else. */
function readByAuditor(
  { mode }: TenantContext,
  columns: readonly ColumnRow[],
): readonly string[] | undefined {
  const readable = columns.flatMap(({ name, isReadable }) => (isReadable ? [name] : []))
  return mode === 'auditor' && readable.length > 0 ? readable : undefined
}

async function readRow(
  tx: Transaction,
  table: ExplainedTable,
  key: RowKey,
  columns: readonly ColumnRow[],
): Promise<Readonly<Record<string, string | null>> | undefined> {
  const readable = columns.flatMap(({ name, isReadable }) => (isReadable ? [name] : []))
  if (!Object.keys(key).every((name) => readable.includes(name))) return undefined
  return readValues(tx, table, key, readable)
}

/** Under which the statement would run. @throws {ApiProblem} NOT_FOUND for who is no member. */
async function contextOf(
  worker: Transaction,
  wanted: WantedContext,
  caller: TenantContext,
): Promise<TenantContext | null> {
  if (wanted.kind === 'none') return null
  if (wanted.kind === 'own') return caller
  const { userId, orgUnitId: unit } = wanted
  const tenantId = caller.tenantId ?? ''
  const asked = { userId, tenantId, mode: 'member', orgUnitId: unit, grantId: null } as const
  const standing = found(
    (await memberStanding(worker, { ...asked, limitedTo: null }, null)) ?? undefined,
  )
  const { orgScope, orgUnitId, capabilities } = standing
  return parseTenantContext({ mode: 'member', tenantId, userId, orgScope, orgUnitId, capabilities })
}

/** A value that no column takes is the fault of who asks. */
function refuseQuestion(error: unknown): never {
  const isQuestion = error instanceof WatertightError && error.code === 'INVALID_INPUT'
  throw isQuestion ? new ApiProblem('INVALID_REQUEST', 'the row cannot be asked about') : error
}
