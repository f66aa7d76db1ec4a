import type { ShopKind } from './databases.js'

export type Row = Readonly<Record<string, unknown>>

/** One statement; libraries without row level security run the one that names the tenant. */
export interface ScopedStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The same with a hand-written condition on the tenant. */
  readonly where: { readonly text: string; readonly values: readonly unknown[] }
}

export type Run = (statement: ScopedStatement) => Promise<readonly Row[]>

/** An opened library: one pool, every call in the scope of one tenant. */
export interface Subject {
  /** The cheapest read, in the library's own way of writing it. */
  readItem(tenant: string, id: string): Promise<unknown>
  /** Ten items, in the library's own way of writing it. */
  listItems(tenant: string): Promise<readonly unknown[]>
  /** One statement in a scope of its own. `unit` narrows the scope to the units below it. */
  one(tenant: string, statement: ScopedStatement, unit?: string): Promise<readonly Row[]>
  /** Statements that wait for each other, in one transaction. */
  transaction<T>(tenant: string, work: (run: Run) => Promise<T>, readOnly?: boolean): Promise<T>
  /** A statement without a tenant, for the canary. */
  bare(text: string): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface Target {
  /** URL that logs in as the application's role. */
  readonly url: string
  readonly signingKey: string
  readonly poolSize: number
}

/** A library, or one way of using it. One file each. */
export interface Adapter {
  readonly name: string
  /** Who keeps tenants apart: the condition that people write, or the database. */
  readonly scope: 'where' | 'rls'
  readonly shop: ShopKind
  /** Packages whose versions are printed. */
  readonly packages: readonly string[]
  open(target: Target): Promise<Subject>
}

/** The columns that every variant returns. */
export interface Item {
  readonly id: string
  readonly tenant_id: string
  readonly name: string
  readonly price: number
  readonly stock: number
}
