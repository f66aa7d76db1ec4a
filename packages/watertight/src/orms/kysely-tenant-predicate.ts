import type {
  DeleteQueryNode,
  JoinNode,
  KyselyPlugin,
  OperationNode,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryId,
  QueryResult,
  RootOperationNode,
  SelectQueryNode,
  UnknownRow,
  UpdateQueryNode,
} from 'kysely'
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  IdentifierNode,
  ListNode,
  OnNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  ReferenceNode,
  TableNode,
  ValueNode,
  WhereNode,
  WithNode,
} from 'kysely'
import type { TenancyModel } from '../model/index.js'
import type { BoundTxManager } from '../runtime/index.js'
import type { TenantColumns } from './tenant-keys.js'
import { currentTenant, tenantColumnsOf } from './tenant-keys.js'

export interface TenantPredicateOptions {
  /** The schema that a table name without one means: `public` unless told otherwise. */
  readonly defaultSchema?: string
  /** The handle of the dialect, `tx.as(context)`, where it has one. */
  readonly handle?: BoundTxManager
}

/**
 * A Kysely plugin that adds `"table"."tenant_id" = $n` beside what the policies already demand, to
 * each reference to a tenant's table in SELECT, UPDATE and DELETE, subqueries and CTEs included.
 * The planner then knows how many rows to expect and which partition or shard they are in. The
 * value is the tenant of the context around the call that builds the statement.
 *
 * It is no guard: the policies are. Where they hold the predicate is true of each row, so no result
 * changes; it stands where rows are never null-extended (the ON of a join; WHERE for the rest, and
 * not beside right and full joins). Should the tenants differ, a row is missing, never too many.
 *
 * @example
 * ```ts
 * new Kysely<Database>({ dialect, plugins: [tenantPredicatePlugin(model)] })
 * // select "sku" from "products" where "products"."tenant_id" = $1 and "id" = $2
 * ```
 */
export function tenantPredicatePlugin(
  model: TenancyModel,
  { defaultSchema = 'public', handle }: TenantPredicateOptions = {},
): KyselyPlugin {
  const columns = tenantColumnsOf(model)
  return {
    transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
      const tenant = currentTenant(handle ?? null)
      if (tenant === null) return node
      return new TenantPredicates(columns, defaultSchema, tenant).transformNode(node, queryId)
    },
    transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
      return Promise.resolve(result)
    },
  }
}

/** A statement that has conditions and, as a rule, joins. */
interface Conditioned {
  readonly where?: WhereNode
  readonly joins?: readonly JoinNode[]
}

class TenantPredicates extends OperationNodeTransformer {
  readonly #columns: TenantColumns
  readonly #defaultSchema: string
  readonly #tenant: string
  /** Names that mean a CTE somewhere in the statement, so perhaps here. */
  readonly #ctes = new Set<string>()

  constructor(columns: TenantColumns, defaultSchema: string, tenant: string) {
    super()
    this.#columns = columns
    this.#defaultSchema = defaultSchema
    this.#tenant = tenant
  }

  protected override transformNodeImpl<Node extends OperationNode>(
    node: Node,
    queryId?: QueryId,
  ): Node {
    if ('with' in node && isNode(node.with) && WithNode.is(node.with)) {
      for (const { name } of node.with.expressions) this.#ctes.add(name.table.table.identifier.name)
    }
    return super.transformNodeImpl(node, queryId)
  }

  protected override transformSelectQuery(
    node: SelectQueryNode,
    queryId?: QueryId,
  ): SelectQueryNode {
    const query = super.transformSelectQuery(node, queryId)
    return this.#conditioned(query, [], query.from?.froms ?? [])
  }

  protected override transformUpdateQuery(
    node: UpdateQueryNode,
    queryId?: QueryId,
  ): UpdateQueryNode {
    const query = super.transformUpdateQuery(node, queryId)
    const targets = query.table === undefined ? [] : [query.table]
    return this.#conditioned(query, targets, query.from?.froms ?? [])
  }

  protected override transformDeleteQuery(
    node: DeleteQueryNode,
    queryId?: QueryId,
  ): DeleteQueryNode {
    const query = super.transformDeleteQuery(node, queryId)
    return this.#conditioned(query, query.from.froms, query.using?.tables ?? [])
  }

  #conditioned<Query extends Conditioned>(
    query: Query,
    targets: readonly OperationNode[],
    froms: readonly OperationNode[],
  ): Query {
    const joins = query.joins ?? []
    // A right or full join null-extends what stands before it; WHERE would drop those rows.
    const hasOthers = joins.some(({ joinType }) => !extendsOnlyItself.has(joinType))
    const crossed = joins.filter(({ on }) => on === undefined).map(({ table }) => table)
    const tables = hasOthers ? targets : [...targets, ...froms, ...crossed]
    const predicates = tables.flatMap((table) => this.#predicatesOf(table))
    return {
      ...query,
      ...(query.joins !== undefined && { joins: joins.map((join) => this.#joined(join)) }),
      ...(predicates.length > 0 && {
        where: WhereNode.create(conjunction(predicates, query.where?.where)),
      }),
    }
  }

  /** The ON of a join is asked of real rows of its table, whatever the kind of join. */
  #joined(join: JoinNode): JoinNode {
    const predicates = join.on === undefined ? [] : this.#predicatesOf(join.table)
    if (predicates.length === 0) return join
    return { ...join, on: OnNode.create(conjunction(predicates, join.on?.on)) }
  }

  #predicatesOf(node: OperationNode): OperationNode[] {
    if (ListNode.is(node)) return node.items.flatMap((item) => this.#predicatesOf(item))
    const table = AliasNode.is(node) ? node.node : node
    if (!TableNode.is(table)) return []
    const { schema, identifier } = table.table
    if (schema === undefined && this.#ctes.has(identifier.name)) return []
    const column = this.#columns({
      schema: schema?.name ?? this.#defaultSchema,
      name: identifier.name,
    })
    const reference = AliasNode.is(node) ? aliasOf(node) : table
    if (column === null || reference === null) return []
    return [
      BinaryOperationNode.create(
        ReferenceNode.create(ColumnNode.create(column), reference),
        OperatorNode.create('='),
        ValueNode.create(this.#tenant),
      ),
    ]
  }
}

const extendsOnlyItself: ReadonlySet<string> = new Set([
  'InnerJoin',
  'LeftJoin',
  'CrossJoin',
  'LateralInnerJoin',
  'LateralLeftJoin',
  'LateralCrossJoin',
])

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}

function aliasOf({ alias }: AliasNode): TableNode | null {
  return IdentifierNode.is(alias) ? TableNode.create(alias.name) : null
}

/** What was there goes in parentheses: raw SQL may hold an OR. */
function conjunction(
  predicates: readonly OperationNode[],
  existing: OperationNode | undefined,
): OperationNode {
  if (existing === undefined) return joined(predicates)
  // Kysely transforms a query twice that is part of another, such as an arm of a union.
  const known = new Set(conjunctsOf(existing).map(keyOf))
  const missing = predicates.filter((predicate) => !known.has(keyOf(predicate)))
  if (missing.length === 0) return existing
  return joined([...missing, ParensNode.create(existing)])
}

function joined(conditions: readonly OperationNode[]): OperationNode {
  return conditions.reduce((left, right) => AndNode.create(left, right))
}

function conjunctsOf(node: OperationNode): readonly OperationNode[] {
  return AndNode.is(node) ? [...conjunctsOf(node.left), ...conjunctsOf(node.right)] : [node]
}

/** Tells a comparison of a column with a text from others; null for every other condition. */
function keyOf(node: OperationNode): string | null {
  if (!BinaryOperationNode.is(node)) return null
  const { leftOperand: column, operator, rightOperand: value } = node
  if (!ReferenceNode.is(column) || !ColumnNode.is(column.column)) return null
  if (!ValueNode.is(value) || typeof value.value !== 'string') return null
  if (!OperatorNode.is(operator)) return null
  const { schema, identifier } = column.table?.table ?? {}
  const name = column.column.column.name
  return JSON.stringify([schema?.name, identifier?.name, name, operator.operator, value.value])
}
