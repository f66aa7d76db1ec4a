/** What a statement returned: rows as objects, and the number of rows it read or changed. */
export interface StatementResult<Row = Record<string, unknown>> {
  readonly rows: Row[]
  readonly rowCount: number | null
  /** The command tag without its count: `COMMIT`, or `ROLLBACK` when a commit failed. */
  readonly command?: string
  /** The columns, also of a result without rows. */
  readonly fields?: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/**
 * The smallest port to a database: one connection (or transaction) that runs one statement at a
 * time. `pg.Client` and `pg.PoolClient` fit as they are.
 */
export interface Queryable {
  /** True where a statement may be sent before the one before it is answered, as `pg` has it. */
  readonly pipeline?: boolean
  query<Row = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<StatementResult<Row>>
}
