/** A node of a plan, as `EXPLAIN (FORMAT JSON, VERBOSE)` prints it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly Schema?: string
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly 'Join Type'?: string
  readonly Operation?: string
  readonly Strategy?: string
  readonly 'Parent Relationship'?: string
  readonly 'Subplan Name'?: string
  readonly 'Function Name'?: string
  readonly 'CTE Name'?: string
  readonly 'Startup Cost': number
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly 'Workers Planned'?: number
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly Filter?: string
  readonly 'Join Filter'?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'One-Time Filter'?: string
  readonly 'Sort Key'?: readonly string[]
  readonly Plans?: readonly PlanNode[]
}

/** A node and all below it, as they are printed. */
export function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

/** How a plan goes about its work, whatever it costs: equal for plans that do the same. */
export function shapeOf(node: PlanNode): string {
  const own = [node['Node Type'], node['Relation Name'], node['Index Name'], node['Join Type']]
  return `${own.join(' ')}(${(node.Plans ?? []).map(shapeOf).join(',')})`
}

const conditions = [
  'One-Time Filter',
  'Index Cond',
  'Recheck Cond',
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Filter',
] as const

/** Lines and characters of a line that a reader is shown. */
const [mostLines, mostCharacters] = [40, 240]

/** The plan as PostgreSQL prints it in words; its first lines, where it is long. */
export function excerptOf(plan: PlanNode): string {
  const lines = linesOf(plan, 0)
  const more = lines.length - mostLines
  const shown = more > 0 ? [...lines.slice(0, mostLines), `… ${String(more)} more lines`] : lines
  return shown
    .map((line) => (line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line))
    .join('\n')
}

function linesOf(node: PlanNode, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const label = node['Subplan Name'] === undefined ? '' : `${node['Subplan Name']}: `
  const keys = node['Sort Key']
  return [
    `${indent}${depth === 0 ? '' : '-> '}${label}${titleOf(node)}  (cost=${node['Total Cost'].toFixed(2)} rows=${String(node['Plan Rows'])})`,
    ...(keys === undefined ? [] : [`${indent}     Sort Key: ${keys.join(', ')}`]),
    ...conditions.flatMap((name) => {
      const condition = node[name]
      return condition === undefined ? [] : [`${indent}     ${name}: ${condition}`]
    }),
    ...(node.Plans ?? []).flatMap((child) => linesOf(child, depth + 1)),
  ]
}

function titleOf(node: PlanNode): string {
  const { Schema: schema, 'Relation Name': relation, Alias: alias } = node
  const kind = node.Operation ?? node['Node Type']
  const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
  const named = relation ?? node['Function Name'] ?? node['CTE Name']
  if (named === undefined) return `${kind}${index}`
  const place = schema === undefined ? named : `${schema}.${named}`
  return `${kind}${index} on ${place}${alias === undefined || alias === named ? '' : ` ${alias}`}`
}
