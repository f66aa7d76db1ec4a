import type { Queryable } from 'watertight/sql'

/**
 * Makes scratch copies of the database that is checked, on a server where that is allowed, and drops
 * them. Nothing else may use the copies.
 */
export interface WorldMaker {
  /**
   * Copies the checked database, lets `use` change the copy as a superuser, and keeps it as what
   * {@link open} copies.
   *
   * @throws STATEMENT_FAILED when the server or somebody who is connected does not let it.
   */
  prepare(use: (db: Queryable) => Promise<void>): Promise<void>
  /** Connections of a superuser to that many copies of what was prepared. */
  open(count: number): Promise<readonly Queryable[]>
  /** Ends the connections and drops every copy. */
  close(): Promise<void>
}
