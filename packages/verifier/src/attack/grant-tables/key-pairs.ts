import type { Column, Relation } from 'watertight/catalog'
import { objectName } from '../../graph/object-name.js'
import type { Probe } from '../attack.js'
import type { Values } from '../synthesis/values.js'

const mostPairs = 12

/** Ways in which a row of the table might tie the attacker to a tenant. */
export function linkingValues(
  probe: Probe,
  relation: Relation,
  tenant: string = probe.foreignPrincipal.tenant,
): readonly Values[] {
  const { ownPrincipal, input } = probe
  if (ownPrincipal.user === null) return []
  const users = relation.columns.filter((column) => takes(column, ownPrincipal.user ?? ''))
  const tenants = relation.columns.filter((column) => takes(column, tenant))
  const key = input.tables.get(objectName(relation))?.tenantColumn
  const named = tenants.filter(({ name }) => name === key)
  const pairs: Values[] = []
  for (const home of named.length > 0 ? named : tenants) {
    for (const user of users.filter(({ name }) => name !== home.name)) {
      pairs.push({ [home.name]: tenant, [user.name]: ownPrincipal.user })
    }
  }
  return pairs.toSorted((a, b) => keyed(relation, b) - keyed(relation, a)).slice(0, mostPairs)
}

/** How many of the columns are part of a key: those are the likelier link. */
function keyed(relation: Relation, pair: Values): number {
  const keys = relation.constraints
    .filter(({ kind }) => kind === 'primary-key' || kind === 'foreign-key')
    .flatMap(({ columns }) => columns)
  return Object.keys(pair).filter((name) => keys.includes(name)).length
}

/** The column's type can hold the value. */
export function takes(column: Pick<Column, 'baseType' | 'generated'>, value: string): boolean {
  if (column.generated !== null) return false
  const type = column.baseType.replace(/\(.*\)/, '')
  if (type === 'uuid') return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)
  if (['bigint', 'integer', 'numeric'].includes(type)) return /^\d{1,18}$/.test(value)
  return ['text', 'character varying', 'citext', 'name'].includes(type)
}
