import type { Expr } from './expr.js'
import type * as node from './select-node.js'

export type { Alias, ColumnDefinition, Locking, TableItem } from './select-node.js'

/** One output column. */
export type Target = node.TargetNode<Expr>
/** One expression of ORDER BY. */
export type SortKey = node.SortKeyNode<Expr>
/** A query in FROM. */
export type SubselectItem = node.SubselectItemNode<Expr>
/** A function in FROM. */
export type FunctionItem = node.FunctionItemNode<Expr>
/** A join. */
export type JoinItem = node.JoinItemNode<Expr>
/** An entry of FROM. */
export type FromItem = node.FromItemNode<Expr>
/** A query of WITH. */
export type CommonTable = node.CommonTableNode<Expr>
/** What every form of query may have around it. */
export type QueryTail = node.QueryTailNode<Expr>
/** SELECT itself. */
export type PlainSelect = node.PlainSelectNode<Expr>
/** UNION, INTERSECT or EXCEPT of two queries. */
export type SetOperation = node.SetOperationNode<Expr>
/** A query: frozen data. */
export type Select = node.SelectNode<Expr>
