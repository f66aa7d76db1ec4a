/** The server ended a transaction of probes: a lock was not to be had, or a statement took too long. */
export class ProbeTransactionEnded extends Error {
  readonly sqlState: string

  constructor(sqlState: string, cause: unknown) {
    super(`the server ended the transaction (${sqlState})`, { cause })
    this.name = 'ProbeTransactionEnded'
    this.sqlState = sqlState
  }
}
