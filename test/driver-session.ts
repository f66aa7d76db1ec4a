import type { Driver, Flight, LandedFlight, Session, Statement } from 'watertight/runtime'

/** Takes a session, and gives its connection back if it is idle afterwards. */
export async function useSession<Result>(
  driver: Driver,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await driver.acquire()
  let destroy = true
  try {
    const result = await use(session)
    destroy = (await landed(session, ['select 1'])).status !== 'idle'
    return result
  } finally {
    session.release(destroy)
  }
}

export function statement(text: string, ...values: unknown[]): Statement {
  return { text, values }
}

/** The outcome of a flight that must not be lost. */
export async function landed(
  session: Session,
  statements: readonly (string | readonly [string, ...unknown[]])[],
): Promise<LandedFlight> {
  return requireLanded(
    await session.flight(
      statements.map((item) => (typeof item === 'string' ? statement(item) : statement(...item))),
    ),
  )
}

export function requireLanded(flight: Flight): LandedFlight {
  if (flight.kind === 'lost') throw new Error('the flight was lost', { cause: flight.cause })
  return flight
}

/** The one row that a text returns. */
export async function rowOf<Row>(session: Session, text: string): Promise<Row> {
  const { results, failure } = await landed(session, [text])
  if (failure !== null) throw failure.cause
  return results[0]?.rows[0] as Row
}
