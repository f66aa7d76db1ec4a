import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { idList, readIds } from '../api/id-list.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { authorityOf, seesWholeTenant } from './authority.js'
import {
  orgUnitOrders,
  changeOrgUnit,
  findOrgUnit,
  findRoot,
  insertOrgUnit,
  levelsBelow,
  listOrgUnits,
  lockTree,
  pathToRoot,
  usesOfOrgUnit,
} from './org-unit-repository.js'
import type { OrgUnitRow } from './org-unit-repository.js'

/** Levels of a tree below its root. */
const maxDepth = 16

const orgUnit = z.object({
  id: z.uuid(),
  parentId: z.nullable(z.uuid()),
  name: z.string(),
  slug: z.string(),
  isHiddenRoot: z.boolean(),
  /** Names from the top of what the caller works in down to the unit, without the hidden root. */
  path: z.array(z.string()),
  createdAt: z.iso.datetime(),
  archivedAt: z.nullable(z.iso.datetime()),
})

const name = z.string().trim().min(1).max(200)
const slug = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
const path = z.strictObject({ orgUnitId: z.uuid() })

function shown(row: OrgUnitRow): z.input<typeof orgUnit> {
  return {
    id: row.id,
    parentId: row.parent_id,
    name: row.name,
    slug: row.slug,
    isHiddenRoot: row.is_hidden_root,
    path: [...row.path],
    createdAt: row.created_at.toISOString(),
    archivedAt: row.archived_at?.toISOString() ?? null,
  }
}

/**
 * A unit that the caller may give another shape: one strictly below the unit that they work in, so
 * that nobody changes their own place.
 */
async function changeable(db: Queryable, context: TenantContext, id: string): Promise<OrgUnitRow> {
  const { isWholeTenant, orgUnitId } = await authorityOf(db, context)
  const unit = found(await findOrgUnit(db, isWholeTenant, id))
  if (unit.is_hidden_root) throw new ApiProblem('CONFLICT', 'the root stays as it is')
  if (unit.archived_at !== null) throw new ApiProblem('CONFLICT', 'the org unit is archived')
  if (!isWholeTenant && unit.id === orgUnitId) {
    throw new ApiProblem('CONFLICT', 'nobody changes the org unit that they work in')
  }
  return unit
}

/** A live unit that something can be put below; the root of the tenant when none is named. */
async function parentOf(
  db: Queryable,
  context: TenantContext,
  named: string | undefined,
): Promise<{ readonly id: string; readonly depth: number }> {
  const { isWholeTenant, orgUnitId } = await authorityOf(db, context)
  const parent =
    named !== undefined || orgUnitId !== null
      ? await findOrgUnit(db, isWholeTenant, named ?? String(orgUnitId))
      : await findRoot(db)
  if (parent === undefined || parent.archived_at !== null) {
    const errors = [{ pointer: '/body/parentId', detail: 'is no org unit of the caller' }]
    throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
  }
  return { id: parent.id, depth: (await pathToRoot(db, parent.id)).length }
}

function requireDepth(levels: number): void {
  if (levels > maxDepth) throw new ApiProblem('CONFLICT', 'the tree would be too deep')
}

/** The tree of subdivisions of a tenant. */
export const orgUnitRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/org-units',
    id: 'listOrgUnits',
    summary: 'Org units in scope, newest first',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        ...sortedQuery(orgUnitOrders),
        parentId: z.uuid().optional(),
        archived: z.stringbool().default(false),
        search: z.string().trim().min(1).max(100).optional(),
        ids: idList.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(orgUnit), description: 'A page of org units' },
    handle: async ({ tx, query, context }) => {
      const { parentId = null, archived: isArchived, search = null } = query
      const ids = readIds(query.ids)
      const filter = { parentId, isArchived, search, ids, ...readPage(orgUnitOrders, query) }
      const rows = await listOrgUnits(tx, seesWholeTenant(context), filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/org-units/{orgUnitId}',
    id: 'getOrgUnit',
    summary: 'One org unit',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.read', auditor: true, support: true },
    input: { params: path },
    reply: { status: 200, schema: orgUnit, description: 'The org unit' },
    handle: async ({ tx, params, context }) =>
      shown(found(await findOrgUnit(tx, seesWholeTenant(context), params.orgUnitId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/org-units',
    id: 'createOrgUnit',
    summary: 'Make an org unit below another',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.write' },
    audit: { action: 'org_unit.create', targetType: 'org_unit' },
    input: { body: z.strictObject({ parentId: z.uuid().optional(), name, slug }) },
    reply: { status: 201, schema: orgUnit, description: 'The org unit' },
    handle: async ({ tx, body, context }) => {
      await lockTree(tx)
      const parent = await parentOf(tx, context, body.parentId)
      requireDepth(parent.depth)
      const tenantId = String(context.tenantId)
      return shown(
        await insertOrgUnit(tx, seesWholeTenant(context), {
          tenantId,
          parentId: parent.id,
          name: body.name,
          slug: body.slug,
        }),
      )
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/org-units/{orgUnitId}',
    id: 'renameOrgUnit',
    summary: 'Rename an org unit',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.write' },
    audit: { action: 'org_unit.rename', targetType: 'org_unit', targetParam: 'orgUnitId' },
    input: {
      params: path,
      body: z.strictObject({ name: name.optional(), slug: slug.optional() }),
    },
    reply: { status: 200, schema: orgUnit, description: 'The org unit' },
    handle: async ({ tx, params, body, context }) => {
      const unit = await changeable(tx, context, params.orgUnitId)
      return shown(found(await changeOrgUnit(tx, seesWholeTenant(context), unit.id, body)))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/org-units/{orgUnitId}/move',
    id: 'moveOrgUnit',
    summary: 'Move an org unit with all below it to another parent',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.write' },
    audit: { action: 'org_unit.move', targetType: 'org_unit', targetParam: 'orgUnitId' },
    input: { params: path, body: z.strictObject({ parentId: z.uuid() }) },
    reply: { status: 200, schema: orgUnit, description: 'The org unit' },
    handle: async ({ tx, params, body, context }) => {
      await lockTree(tx)
      const unit = await changeable(tx, context, params.orgUnitId)
      const parent = await parentOf(tx, context, body.parentId)
      if ((await pathToRoot(tx, parent.id)).includes(unit.id)) {
        throw new ApiProblem('CONFLICT', 'an org unit cannot lie below itself')
      }
      requireDepth(parent.depth + (await levelsBelow(tx, unit.id)))
      return shown(
        found(await changeOrgUnit(tx, seesWholeTenant(context), unit.id, { parentId: parent.id })),
      )
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/org-units/{orgUnitId}/archive',
    id: 'archiveOrgUnit',
    summary: 'Archive an org unit that nothing and nobody is in any more',
    tag: 'members',
    access: { kind: 'tenant', capability: 'org_units.write' },
    audit: { action: 'org_unit.archive', targetType: 'org_unit', targetParam: 'orgUnitId' },
    input: { params: path },
    reply: { status: 200, schema: orgUnit, description: 'The archived org unit' },
    handle: async ({ tx, params, context }) => {
      await lockTree(tx)
      const unit = await changeable(tx, context, params.orgUnitId)
      // First the change, which waits for who is moving in; then what came of it.
      const archived = found(
        await changeOrgUnit(tx, seesWholeTenant(context), unit.id, { isArchived: true }),
      )
      const { children, members, invitations } = await usesOfOrgUnit(tx, unit.id)
      if (children > 0) throw new ApiProblem('CONFLICT', 'there are org units below it')
      if (members > 0) throw new ApiProblem('CONFLICT', 'there are members who work in it')
      if (invitations > 0) throw new ApiProblem('CONFLICT', 'there are open invitations into it')
      return shown(archived)
    },
  }),
]
