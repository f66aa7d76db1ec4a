import type { ContextInput } from 'watertight/model'
import type { Node } from '../expression.js'
import type { Pick } from '../numbers.js'
import type { FuzzColumn, FuzzFunction, Kind } from '../world.js'

/** A name that an expression may use, and its type. */
export interface Reference {
  readonly sql: string
  readonly kind: Kind
}

export interface ReadableTable {
  readonly name: string
  readonly columns: readonly FuzzColumn[]
}

/** Conditions hold values, values hold conditions, and both hold queries: each asks through this. */
export interface Grammar {
  condition(maker: Maker, depth: number): Node
  /** Undefined where there is no table to look into. */
  search(maker: Maker, depth: number): Node | undefined
}

/** What an expression can be made of where it stands. */
export interface Maker {
  readonly pick: Pick
  readonly references: readonly Reference[]
  /** Tables that sub-selects may read. */
  readonly tables: readonly ReadableTable[]
  readonly functions: readonly FuzzFunction[]
  readonly tenantKind: Kind
  readonly context: ContextInput
  readonly grammar: Grammar
  /** Numbers aliases. */
  readonly counter: { next: number }
}

/** Names of settings that mean something, with the placeholder of the world. */
export function settingsOf(context: ContextInput): readonly string[] {
  const tenant = context.kind === 'jwt-claims' ? '{w}.claims' : '{w}.tenant'
  return [tenant, '{w}.user', '{w}.other']
}

/** The maker inside a query that reads a table under an alias. */
export function inside(maker: Maker, table: ReadableTable, alias: string): Maker {
  const references = table.columns.map(({ name, kind }) => ({ sql: `${alias}.${name}`, kind }))
  return { ...maker, references: [...references, ...maker.references] }
}

export function newAlias(maker: Maker): string {
  maker.counter.next += 1
  return `x${maker.counter.next}`
}
