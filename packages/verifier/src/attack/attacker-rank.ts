import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Column } from 'watertight/catalog'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'
import type { MembershipTable, Pair } from './principals.js'
import type { ProbeSession } from './session.js'

/**
 * What the membership that was made for the attacker says beside user and tenant, where something
 * had to be chosen from a list: `role = admin in public.members`. Null where nothing had. A policy
 * that lets one rank of members reach every tenant is hard to understand without it.
 */
export async function attackerRank(
  input: LintInput,
  session: ProbeSession,
  { synthetic, memberships, own }: Pair,
): Promise<string | null> {
  if (!synthetic || memberships === null || own.user === null) return null
  const { relation, user, tenant } = memberships
  const columns = relation.columns.filter((column) => isChosen(input, memberships, column))
  if (columns.length === 0) return null
  const list = joinSql(columns.map(({ name }) => sql`${ident(name)}::text as ${ident(name)}`))
  const found = await session.admin(
    sql`select ${list} from ${qualifiedName(relation.schema, relation.name)} where ${ident(user)}::text = $1 and ${ident(tenant)}::text = $2`,
    [own.user, own.tenant],
  )
  const row = found.ok ? found.rows[0] : undefined
  if (row === undefined) return null
  const said = columns.map(({ name }) => `${name} = ${String(row[name])}`)
  return `${said.join(', ')} in ${objectName(relation)}`
}

/** From the labels of an enumeration or the values of a CHECK, and without a default. */
function isChosen(
  { catalog }: LintInput,
  { relation, user, tenant }: MembershipTable,
  { name, baseType, notNull, defaultExpression }: Column,
): boolean {
  if (name === user || name === tenant || !notNull || defaultExpression !== null) return false
  const isListed = catalog.enums.some(
    (each) => baseType === each.name || baseType === `${each.schema}.${each.name}`,
  )
  const isChecked = relation.constraints.some(
    ({ kind, columns }) => kind === 'check' && columns.length === 1 && columns[0] === name,
  )
  return isListed || isChecked
}
