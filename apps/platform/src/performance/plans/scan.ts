import { bareCondition, comparesColumn, conjunctsOf, mentionsColumn } from './conditions.js'
import { nodesOf } from './plan-node.js'
import type { PlanNode } from './plan-node.js'
import type { IndexFact, TableFact } from './table-facts-repository.js'

/** How a plan reads a table. */
export interface Scan {
  readonly node: PlanNode
  readonly table: TableFact
  /** The first one, where a bitmap is made of several. */
  readonly index: IndexFact | null
  /** Rows that the planner expects to keep, of all workers. */
  readonly kept: number
  /** Rows that are looked at, as far as the statistics tell. */
  readonly read: number
  /** What an index has narrowed down; empty for a sequential scan. */
  readonly indexCondition: string
  /** What is checked row by row. */
  readonly filter: string
}

const scans = ['Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan']

/** Every scan of a table in a plan. */
export function scansOf(plan: PlanNode, tables: ReadonlyMap<string, TableFact>): readonly Scan[] {
  return visit(plan, 1)

  function visit(node: PlanNode, processes: number): readonly Scan[] {
    const workers = node['Workers Planned'] ?? 0
    // The leader helps as well, the less the more workers there are (costsize.c).
    const inside = workers === 0 ? processes : workers + Math.max(0, 1 - 0.3 * workers)
    const below = (node.Plans ?? []).flatMap((child) => visit(child, inside))
    const name = `${node.Schema ?? ''}.${node['Relation Name'] ?? ''}`
    const table = tables.get(name)
    if (table === undefined || !scans.includes(node['Node Type'])) return below
    return [scanOf(node, table, node['Plan Rows'] * processes), ...below]
  }
}

function scanOf(node: PlanNode, table: TableFact, kept: number): Scan {
  const used = [node, ...bitmapsOf(node)]
  const indexCondition = bareCondition(
    used.flatMap((each) => each['Index Cond'] ?? []).join(' AND '),
  )
  const indexName = used.flatMap((each) => each['Index Name'] ?? [])[0]
  const index = table.indexes.find(({ name }) => name === indexName) ?? null
  const filter = bareCondition(node.Filter ?? '')
  return { node, table, index, kept, read: readRows(node, table), indexCondition, filter }
}

/** What a bitmap is made of; conditions of the policy that are asked once hang on the node, too. */
function bitmapsOf(node: PlanNode): readonly PlanNode[] {
  const isBitmap = (each: PlanNode): boolean => each['Node Type'].startsWith('Bitmap')
  return (node.Plans ?? []).filter(isBitmap).flatMap(nodesOf).filter(isBitmap)
}

function readRows(node: PlanNode, table: TableFact): number {
  switch (node['Node Type']) {
    case 'Seq Scan':
      return table.rows
    case 'Bitmap Heap Scan':
      return bitmapsOf(node)[0]?.['Plan Rows'] ?? table.rows
    default: {
      const index = table.indexes.find(({ name }) => name === node['Index Name'])
      return index === undefined ? table.rows : rowsOf(index, node['Index Cond'] ?? '', table.rows)
    }
  }
}

/** Part of the rows that a condition other than equality leaves, as the planner guesses (selfuncs.h). */
const anyRange = 1 / 3

function rowsOf(index: IndexFact, condition: string, rows: number): number {
  const conjuncts = conjunctsOf(bareCondition(condition))
  const isEqual = index.keys.map((key) => conjuncts.some((part) => comparesColumn(part, key)))
  if (index.unique && isEqual.every(Boolean)) return 1
  const parts = index.keys.map((key, place) => {
    if (isEqual[place] === true)
      return Math.min(1, (index.rowsPerValue[place] ?? 1) / Math.max(1, rows))
    return conjuncts.some((part) => mentionsColumn(part, key)) ? anyRange : 1
  })
  return Math.max(1, rows * parts.reduce((product, part) => product * part, 1))
}
