import { findRelation } from 'watertight/catalog'
import type { Relation } from 'watertight/catalog'
import type { ClassifiedTable } from '../../graph/classify.js'
import { membershipSources } from '../../graph/membership-sources.js'
import { castTo } from '../encode/cast.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf } from '../encode/row.js'
import { settingValue } from '../encode/setting.js'
import { columnType } from '../encode/sql-type.js'
import type { SqlType, Value } from '../encode/value.js'
import type { Obligation } from '../obligation.js'
import { and, eq, not, or, text } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { claimsOf } from './claims.js'
import { claimValue, userText } from './context-user.js'
import { noEmptyKey } from './own-tenants.js'

/**
 * There is no context: it was never set, a past transaction has left `''` behind, or what is there is
 * malformed. Undefined when the model does not say what would be one.
 */
export function isAbsent(encoding: Encoding, { table }: Obligation): Term | undefined {
  const { context } = encoding.subject.model
  if (context.kind === 'signed') return claimsOf(encoding).mode.isNull
  const user = userText(encoding)
  const noUser = user && isUnusable(encoding, user, userType(encoding, table))
  if (context.kind === 'membership') return noUser
  const tenant =
    context.kind === 'guc'
      ? settingValue(encoding, context.tenant)
      : claimValue(encoding, context.guc, context.tenant)
  const noTenant = tenant && isUnusable(encoding, tenant, tenantType(encoding, table))
  const isByUser = table.scope === 'self' && table.tenantColumn === null && table.through === null
  if (!isByUser) return noTenant
  // Where users that share a tenant are seen, the tenant is part of the context too.
  const isShared = (table.declaration?.sharedThrough ?? null) !== null
  return isShared ? noUser && noTenant && and(noUser, noTenant) : noUser
}

function isUnusable(encoding: Encoding, value: Value, type: SqlType): Term {
  const cast = castTo(encoding, value, type)
  return or(value.isNull, value.fails, eq(value.term, text('')), cast.fails)
}

/** The type that the table has its tenants in: a key that is no value of it is malformed there. */
function tenantType(encoding: Encoding, table: ClassifiedTable, depth = 0): SqlType {
  const { tables, model, catalog } = encoding.subject
  const { relation, tenantColumn, through } = table
  if (tenantColumn !== null) return typeOf(encoding, relation, tenantColumn)
  const parent = tables.tables.find((entry) => entry.relation === through?.parent)
  return parent === undefined || depth > 8
    ? columnType(model.tenantKey.type, catalog)
    : tenantType(encoding, parent, depth + 1)
}

function userType(encoding: Encoding, { relation, scope, userColumn }: ClassifiedTable): SqlType {
  const { model, catalog } = encoding.subject
  if (scope === 'self' && userColumn !== null) return typeOf(encoding, relation, userColumn)
  const via = model.context.kind === 'membership' ? model.context.via : null
  const members = via && findRelation(catalog, via.table.schema, via.table.name)
  return members ? typeOf(encoding, members, via.user) : columnType(model.userKey.type, catalog)
}

function typeOf(encoding: Encoding, relation: Relation, name: string): SqlType {
  const column = relation.columns.find((entry) => entry.name === name)
  return columnType(column?.baseType ?? 'text', encoding.subject.catalog)
}

/** What is assumed of keys that are texts: none of them is what a past context leaves behind. */
export function noteKeysAreNotEmpty(encoding: Encoding): void {
  const { tables, model, catalog } = encoding.subject
  const sources = membershipSources(model, catalog)
  for (const row of encoding.rows) {
    const table = tables.tables.find(({ relation }) => relation === row.relation)
    const said = sources.filter(({ relation }) => relation === row.relation)
    const keys = said.flatMap(({ user, tenant }) => [user, tenant])
    for (const key of [table?.tenantColumn, table?.userColumn, ...keys]) {
      const value = key && row.values.has(key) ? columnOf(encoding, row, key) : undefined
      if (value?.type !== 'text') continue
      encoding.assumptions.add(noEmptyKey)
      encoding.facts.push(or(value.isNull, not(eq(value.term, text('')))))
    }
  }
}
