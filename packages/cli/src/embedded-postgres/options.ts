import type { WatertightError } from 'watertight/errors'

/** Major versions of PostgreSQL that can be embedded. */
export type PostgresMajor = 15 | 16 | 17 | 18

/** How the server asks clients on the loopback interface who they are. */
export type EmbeddedAuth = 'trust' | 'scram-sha-256'

/** How {@link startEmbeddedPostgres} starts a server. */
export interface EmbeddedPostgresOptions {
  /** Major version; its npm package must be installed. Default 18, the CLI's own dependency. */
  readonly major?: PostgresMajor
  /**
   * Directory of a cluster that outlives the process; made when it is absent. Without it the cluster
   * is ephemeral: it lives in the temporary directory, trades durability for speed, and is removed
   * when the server stops or its owner dies.
   */
  readonly dataDir?: string
  /** Default `scram-sha-256`. `trust` lets every local user in as anyone: for tests only. */
  readonly auth?: EmbeddedAuth
  /** Password of the superuser `postgres`; random when absent. Unused under `trust`. */
  readonly password?: string
  /** TCP port on 127.0.0.1; a free one when absent. */
  readonly port?: number
  /** Server settings such as `{ max_connections: '50' }`; they override the defaults. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told in one sentence what is being done, for example `initialising PostgreSQL 18`. */
  readonly onProgress?: (line: string) => void
}

/** A running server. */
export interface EmbeddedPostgres {
  /** URL of the database `postgres` as the superuser `postgres`, with the password if there is one. */
  readonly url: string
  readonly port: number
  readonly major: PostgresMajor
  readonly dataDir: string
  /** Process id of the postmaster. */
  readonly pid: number
  /** Comes when the server is gone, whoever ended it: EMBEDDED_POSTGRES_FAILED with its last lines. */
  readonly ended: Promise<WatertightError>
  /** Ends all sessions, stops the server and removes an ephemeral cluster. Safe to call twice. */
  stop(): Promise<void>
}
