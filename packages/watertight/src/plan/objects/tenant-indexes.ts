import type { Relation } from '../../catalog/index.js'
import { derivedName, ident, joinSql, qualifiedName, sql } from '../../sql/index.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** An index that leads with the tenant column (then the org unit), where the table has none. */
export function planTenantIndexes({ tables, snapshot }: Planning): readonly Step[] {
  const taken = new Set(
    snapshot.relations.flatMap(({ schema, name, indexes }) => [
      displayName({ schema, name }),
      ...indexes.map((index) => displayName({ schema, name: index.name })),
    ]),
  )
  return tables.flatMap(({ relation, tenant, org, isPartition }) => {
    if (isPartition || tenant?.kind !== 'column' || leadsWith(relation, tenant.column.name))
      return []
    const columns = [tenant.column.name, ...(org?.kind === 'column' ? [org.column.name] : [])]
    const index = freeName(relation, taken)
    const [table, object] = [qualifiedName(relation.schema, relation.name), displayName(relation)]
    return [
      makeStep({
        id: `index:${displayName({ schema: relation.schema, name: index })}`,
        object,
        summary: `index ${object} by ${columns.join(', ')}`,
        up: [
          sql`create index ${ident(index)} on ${table} (${joinSql(columns.map((name) => ident(name)))})`,
        ],
        down: [sql`drop index ${qualifiedName(relation.schema, index)}`],
        hazards: [{ kind: 'BLOCKS_WRITES', object, detail: 'SHARE lock while the index is built' }],
      }),
    ]
  })
}

/** True when some whole-table index can find the rows of one tenant. */
function leadsWith(relation: Relation, column: string): boolean {
  return relation.indexes.some(
    ({ columns, predicate, isValid, method }) =>
      columns[0] === column &&
      predicate === null &&
      isValid &&
      (method === 'btree' || method === 'hash'),
  )
}

function freeName(relation: Relation, taken: Set<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const suffix = attempt === 0 ? 'tenant_idx' : `tenant_idx${attempt}`
    const name = derivedName([relation.name], suffix)
    const key = displayName({ schema: relation.schema, name })
    if (taken.has(key)) continue
    taken.add(key)
    return name
  }
}
