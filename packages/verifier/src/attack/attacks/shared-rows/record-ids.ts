import { ident, sql } from 'watertight/sql'
import type { ObjectProbe } from '../../object-attack.js'
import type { Target } from '../../target.js'

const mostTables = 40
const mostIds = 200

/**
 * Random ids of a tenant's own rows, which stand nowhere else unless somebody copied them. Ids that
 * come from another table, such as those of users, belong to more than one tenant.
 */
export async function recordIds(probe: ObjectProbe, tenant: string): Promise<readonly string[]> {
  const ids: string[] = []
  const targets = [...probe.targets.values()].filter(
    ({ table, boundary }) => boundary === 'tenant' && table.public === null,
  )
  for (const target of targets.slice(0, mostTables)) {
    for (const column of idColumns(probe, target)) {
      const read = await probe.session.admin(
        sql`select r.${ident(column)}::text as id from ${target.name} r where ${target.key} = $1::${target.keyType} and r.${ident(column)} is not null limit 20`,
        [tenant],
      )
      if (read.ok) ids.push(...(read.rows as { id: string }[]).map(({ id }) => id))
    }
  }
  return ids.slice(0, mostIds)
}

function idColumns(probe: ObjectProbe, { table, keyColumn }: Target): readonly string[] {
  const { relation } = table
  const elsewhere = new Set([
    keyColumn,
    table.userColumn,
    probe.pair.memberships?.relation === relation ? probe.pair.memberships.user : null,
    ...relation.constraints
      .filter(({ kind }) => kind === 'foreign-key')
      .flatMap(({ columns }) => columns),
  ])
  const unique = new Set(
    relation.indexes.filter(({ isUnique }) => isUnique).flatMap(({ columns }) => columns),
  )
  return relation.columns
    .filter(({ name, baseType }) => baseType === 'uuid' && unique.has(name) && !elsewhere.has(name))
    .map(({ name }) => name)
}
