import { WatertightError } from '../errors/index.js'
import { connectionError, lostError, statementError } from '../runtime/driver-error.js'
import type { Driver, Statement } from '../runtime/index.js'
import type { ScopedResult } from './query-arguments.js'

/** What an ORM asks the server while it starts, before there is a tenant. */
export interface Bootstrap {
  /** Where to ask: the driver of the app role. */
  readonly driver: Driver
  serves(statement: Statement): boolean
}

/**
 * Lets an ORM ask a few fixed questions of the server (`SHOW server_version`) where there is no
 * tenant context. Each runs in a transaction of its own, in which no context is set, so RLS shows
 * it no row of any tenant.
 *
 * INVARIANT: a text is served only when it equals one of `texts` to the letter and has no values.
 */
export function bootstrapQueries(driver: Driver, texts: readonly string[]): Bootstrap {
  const known: ReadonlySet<string> = new Set(texts)
  return {
    driver,
    serves: ({ text, values }) => values.length === 0 && known.has(text),
  }
}

/** Runs a statement that {@link Bootstrap.serves} accepted, without any context. */
export async function runBootstrap(
  { driver }: Bootstrap,
  statement: Statement,
): Promise<ScopedResult> {
  const session = await driver.acquire().catch((error: unknown) => {
    throw connectionError(error)
  })
  let idle = false
  try {
    const flight = await session.flight([
      { text: 'begin read only', values: [] },
      statement,
      rollback,
    ])
    if (flight.kind === 'lost') throw lostError(flight)
    idle = flight.status === 'idle'
    if (flight.failure !== null) throw statementError(flight.failure)
    const result = flight.results[1]
    if (result === undefined) throw new WatertightError('CONNECTION_FAILED', 'no result was sent')
    const { rows, rowCount, command, fields } = result
    return {
      rows: rows as Record<string, unknown>[],
      rowCount,
      command,
      fields: [...fields],
      oid: null,
    }
  } finally {
    session.release(!idle)
  }
}

const rollback: Statement = { text: 'rollback', values: [] }
