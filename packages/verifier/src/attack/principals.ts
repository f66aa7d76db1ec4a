import type { Column, Relation } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { tenantRows } from '../graph/membership-sources.js'
import { objectName } from '../graph/object-name.js'
import { oncePer } from '../graph/once-per.js'
import type { LintInput } from '../lint/rule.js'
import { freshKey } from './fresh-key.js'
import type { ProbeSession } from './session.js'
import type { Boundary, Target } from './target.js'
import { comparedColumns } from './user-column.js'

/** Somebody that a context can be made for. */
export interface Principal {
  readonly tenant: string
  readonly user: string | null
}

/** The attacker and the victim of every probe. */
export interface Pair {
  readonly own: Principal
  readonly foreign: Principal
  /** Where users and tenants meet; null when the context has no user. */
  readonly memberships: MembershipTable | null
  /** No such rows exist: the probes make them, membership included. */
  readonly synthetic: boolean
}

/** A table that says which user belongs to which tenant. */
export interface MembershipTable {
  readonly relation: Relation
  readonly user: string
  readonly tenant: string
}

/** Chooses two tenants that have rows, and a user who belongs to the first one only. */
export async function choosePair(
  input: LintInput,
  session: ProbeSession,
  targets: readonly Target[],
): Promise<Pair> {
  const memberships = membershipTable(input)
  const users = keyColumns(targets, memberships, 'user')
  const tenants = await tenantsByRows(session, targets)
  const links = memberships === null ? [] : await readLinks(session, memberships)
  const ties = memberships === null ? [] : await readTies(input, session, memberships)
  for (const own of tenants) {
    for (const foreign of tenants) {
      if (own === foreign) continue
      if (memberships === null) {
        return {
          own: { tenant: own, user: stranger(input.model, users) },
          foreign: { tenant: foreign, user: stranger(input.model, users) },
          memberships,
          synthetic: false,
        }
      }
      const insider = memberOf(links, ties, own, foreign)
      if (insider === null) continue
      return {
        own: { tenant: own, user: insider },
        foreign: { tenant: foreign, user: memberOf(links, ties, foreign, own) },
        memberships,
        synthetic: false,
      }
    }
  }
  const known = new Set([...tenants, ...labelsOf(input, targets)])
  const [first, second] = known
  const { type } = input.model.tenantKey
  const homes = keyColumns(targets, memberships, 'tenant')
  return {
    own: { tenant: first ?? freshKey(type, 1, homes), user: stranger(input.model, users) },
    foreign: { tenant: second ?? freshKey(type, 2, homes), user: stranger(input.model, users) },
    memberships,
    synthetic: true,
  }
}

/** The tenants that an enumeration lists, where the tenant column is one. */
function labelsOf({ catalog }: LintInput, targets: readonly Target[]): readonly string[] {
  for (const { boundary, keyColumn, table } of targets) {
    if (boundary !== 'tenant' || keyColumn === null) continue
    const column = table.relation.columns.find(({ name }) => name === keyColumn)
    const found = catalog.enums.find(
      ({ schema, name }) => column?.baseType === `${schema}.${name}` || column?.baseType === name,
    )
    if (found !== undefined) return found.labels
  }
  return []
}

function memberOf(
  links: readonly Link[],
  ties: readonly Link[],
  tenant: string,
  not: string,
): string | null {
  const outside = new Set(
    [...links, ...ties].filter((link) => link.tenant === not).map((link) => link.user),
  )
  return links.find((link) => link.tenant === tenant && !outside.has(link.user))?.user ?? null
}

/** A user id that nobody has. */
function stranger(model: TenancyModel, columns: readonly Column[]): string {
  return freshKey(model.userKey.type, Math.floor(Math.random() * 1_000_000), columns)
}

/** Columns that will hold a tenant's key, or a user's. */
function keyColumns(
  targets: readonly Target[],
  memberships: MembershipTable | null,
  boundary: Boundary,
): readonly Column[] {
  const held = targets
    .filter((target) => target.boundary === boundary)
    .map(({ table, keyColumn }) => ({ relation: table.relation, name: keyColumn }))
  const linked =
    memberships === null
      ? []
      : [
          {
            relation: memberships.relation,
            name: boundary === 'tenant' ? memberships.tenant : memberships.user,
          },
        ]
  return [...held, ...linked].flatMap(({ relation, name }) =>
    relation.columns.filter((column) => column.name === name),
  )
}

/** Tenants by the number of tables that have rows of them. */
async function tenantsByRows(
  session: ProbeSession,
  targets: readonly Target[],
): Promise<readonly string[]> {
  const counts = new Map<string, number>()
  for (const target of targets.filter((each) => each.boundary === 'tenant').slice(0, 40)) {
    const read = await session.attempt(() =>
      session.admin(
        sql`select distinct k from (select (${target.key})::text as k from ${target.name} r limit 5000) keys where k is not null limit 20`,
      ),
    )
    if (!read.ok) continue
    for (const row of read.rows as { k: string }[]) counts.set(row.k, (counts.get(row.k) ?? 0) + 1)
  }
  return [...counts.entries()]
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([tenant]) => tenant)
    .slice(0, 8)
}

/** Users whom columns of the tenant's own row name: whether they belong to it, policies do not say. */
async function readTies(
  { model, catalog }: LintInput,
  session: ProbeSession,
  { relation: members, user: member }: MembershipTable,
): Promise<readonly Link[]> {
  const tenants = model.context.kind === 'membership' ? tenantRows(model, catalog) : null
  const type = members.columns.find(({ name }) => name === member)?.baseType
  const columns = tenants?.relation.columns ?? []
  const ties: Link[] = []
  for (const { name: user, baseType } of columns) {
    if (tenants === null || baseType !== type || user === tenants.tenant) continue
    ties.push(...(await readLinks(session, { ...tenants, user })))
  }
  return ties
}

interface Link {
  readonly user: string
  readonly tenant: string
}

async function readLinks(session: ProbeSession, table: MembershipTable): Promise<readonly Link[]> {
  const name = qualifiedName(table.relation.schema, table.relation.name)
  const read = await session.attempt(() =>
    session.admin(
      sql`select ${ident(table.user)}::text as "user", ${ident(table.tenant)}::text as tenant from ${name} where ${ident(table.user)} is not null and ${ident(table.tenant)} is not null limit 2000`,
    ),
  )
  return read.ok ? (read.rows as unknown as readonly Link[]) : []
}

/** The membership table: as declared, or the one whose policies compare a column to the user. */
export const membershipTable: (input: LintInput) => MembershipTable | null = oncePer((input) => {
  const { model, catalog } = input
  const byName = new Map(catalog.relations.map((relation) => [objectName(relation), relation]))
  if (model.context.kind === 'membership') {
    const { via } = model.context
    const relation = byName.get(objectName(via.table))
    return relation ? { relation, user: via.user, tenant: via.tenant } : null
  }
  const shared = model.tables.find((entry) => entry.sharedThrough !== null)?.sharedThrough
  const declared = shared && byName.get(objectName(shared.table))
  if (shared && declared) {
    return { relation: declared, user: shared.userColumn, tenant: shared.tenantColumn }
  }
  const setting = userSetting(model)
  if (setting === null) return null
  const found = input.tables.tables.flatMap((table) => {
    const { relation, tenantColumn } = table
    return comparedColumns(relation, setting, catalog.functions).flatMap((user) => {
      const tenant = tenantColumn ?? otherKeyColumn(input, relation, user)
      return tenant === null || tenant === user ? [] : [{ relation, user, tenant }]
    })
  })
  return found.find((each) => isKeyedByUser(each)) ?? found[0] ?? null
})

/** Rows of users that exist for their own sake, not the work of users. */
function isKeyedByUser({ relation, user }: MembershipTable): boolean {
  return relation.constraints.some(
    ({ kind, columns }) => (kind === 'primary-key' || kind === 'unique') && columns.includes(user),
  )
}

function userSetting(model: TenancyModel): string | null {
  const { context } = model
  return context.kind === 'guc' ? context.user : context.kind === 'jwt-claims' ? context.guc : null
}

/** The other half of a two-column key, if it could be a tenant. */
function otherKeyColumn(input: LintInput, relation: Relation, user: string): string | null {
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key')
  const other =
    key?.columns.length === 2 ? key.columns.find((column) => column !== user) : undefined
  const type = relation.columns.find((column) => column.name === other)?.baseType
  return other !== undefined && type === input.model.tenantKey.type ? other : null
}

/** The key a target tells its two sides apart by. */
export function keyOn(target: Target, principal: Principal): string | null {
  return target.boundary === 'user' ? principal.user : principal.tenant
}
