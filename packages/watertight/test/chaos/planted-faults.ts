import type { Driver, Flight, Session, Statement } from 'watertight/runtime'
import type { ViolationKind } from './oracle.js'
import type { World } from './world.js'

/** A fault of the kind that the machine is there to find. */
export interface PlantedFault {
  readonly name: string
  /** What it must be found by. */
  readonly finds: readonly ViolationKind[]
  /** Put between manager and driver. */
  readonly plant?: (driver: Driver) => Driver
  /** Done to the database instead. */
  readonly prepare?: (world: World) => Promise<unknown>
  readonly repair?: (world: World) => Promise<unknown>
}

/** A driver whose sessions differ from the real ones in what is given. */
function withSessions(change: (session: Session, driver: Driver) => Partial<Session>) {
  return (driver: Driver): Driver => ({
    acquire: async () => {
      const session = await driver.acquire()
      const base: Session = {
        flight: (statements) => session.flight(statements),
        copyOut: (statements, onChunk) => session.copyOut(statements, onChunk),
        copyIn: (statements, source) => session.copyIn(statements, source),
        cancel: () => session.cancel(),
        release: (destroy) => session.release(destroy),
      }
      return { ...base, ...change(session, driver) }
    },
  })
}

/** True once in so many calls. */
function every(count: number): () => boolean {
  let calls = 0
  return () => (calls += 1) % count === 0
}

const isContext = ({ text }: Statement): boolean => text.includes("'watertight.context', $1, true")

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'a context that stays on the session and is now and then not set anew',
    finds: ['foreignRows', 'wrongTenantWrites', 'sessionState'],
    plant: (driver) => {
      const skips = every(10)
      return withSessions((session) => ({
        flight: (statements) =>
          session.flight(
            statements.map((statement) => {
              if (!isContext(statement)) return statement
              if (skips()) return { text: 'select 1', values: [] }
              return { ...statement, text: statement.text.replace('true', 'false') }
            }),
          ),
      }))(driver)
    },
  },
  {
    name: 'a context that is now and then not sent',
    finds: ['wrongResults'],
    plant: (driver) => {
      const skips = every(10)
      return withSessions((session) => ({
        flight: (statements) =>
          session.flight(
            statements.map((statement) =>
              isContext(statement) && skips() ? { text: 'select 1', values: [] } : statement,
            ),
          ),
      }))(driver)
    },
  },
  {
    name: 'a pool that hands out connections in the middle of a transaction',
    finds: ['wrongOutcomes'],
    plant: withSessions((session) => ({
      flight: async (statements) =>
        statements[0]?.text === 'rollback' ? rolledBack : session.flight(statements),
      release: () => session.release(false),
    })),
  },
  {
    name: 'a driver that sends again what may have been committed',
    finds: ['wrongOutcomes'],
    plant: (driver) => {
      const repeats = every(10)
      return withSessions((session) => ({
        flight: async (statements) => {
          const flight = await session.flight(statements)
          const isWhole = flight.kind === 'landed' && flight.status === 'idle'
          return isWhole && statements.some(isContext) && repeats()
            ? session.flight(statements)
            : flight
        },
      }))(driver)
    },
  },
  {
    name: 'a driver that takes a lost COMMIT for a success',
    finds: ['wrongOutcomes'],
    plant: (driver) => {
      const loses = every(10)
      return withSessions((session) => ({
        flight: async (statements) => {
          if (statements[0]?.text !== 'commit' || !loses()) return session.flight(statements)
          await session.flight([{ text: 'rollback', values: [] }])
          return committed
        },
      }))(driver)
    },
  },
  {
    name: 'a driver that mixes up whose answer is whose',
    finds: ['foreignRows'],
    plant: (driver) => {
      const mixesUp = every(20)
      let last: Flight | null = null
      return withSessions((session) => ({
        flight: async (statements) => {
          const flight = await session.flight(statements)
          const before = last
          if (flight.kind === 'lost' || !statements.some(isContext)) return flight
          last = flight
          const isAlike = before?.kind === 'landed' && before.status === flight.status
          return isAlike && mixesUp() ? before : flight
        },
      }))(driver)
    },
  },
  {
    name: 'a driver that now and then keeps a connection',
    finds: ['leakedConnections'],
    plant: (driver) => {
      const keeps = every(50)
      return withSessions((session) => ({
        release: (destroy) => {
          if (!keeps()) session.release(destroy)
        },
      }))(driver)
    },
  },
  {
    name: 'a driver that rejects',
    finds: ['untypedErrors'],
    plant: (driver) => {
      const rejects = every(20)
      return withSessions((session) => ({
        flight: async (statements) => {
          const flight = await session.flight(statements)
          if (rejects()) throw new Error('socket hang up')
          return flight
        },
      }))(driver)
    },
  },
  {
    name: 'a driver that never answers',
    finds: ['hangs'],
    plant: (driver) => {
      const hangs = every(150)
      return withSessions((session) => ({
        flight: (statements) =>
          hangs() ? new Promise<Flight>(() => undefined) : session.flight(statements),
      }))(driver)
    },
  },
  {
    name: 'a table without Row Level Security',
    finds: ['foreignRows', 'accepted', 'wrongTenantWrites', 'sessionState'],
    prepare: (world) => world.inspect('alter table chaos.notes disable row level security'),
    repair: (world) => world.inspect('alter table chaos.notes enable row level security'),
  },
  {
    name: 'a policy that lets everybody write',
    finds: ['accepted', 'wrongTenantWrites'],
    prepare: async (world) => {
      const policies = await world.inspect<{ name: string }>(
        `select quote_ident(polname) as name from pg_policy
           where polrelid = 'chaos.notes'::regclass and not polpermissive`,
      )
      for (const { name } of policies) {
        await world.inspect(`alter policy ${name} on chaos.notes with check (true)`)
      }
      await world.inspect('create policy wide on chaos.notes for insert with check (true)')
    },
    repair: (world) => world.inspect('drop policy wide on chaos.notes'),
  },
]

const idle = { kind: 'landed', failure: null, status: 'idle' } as const
const nothing = { rows: [], rowCount: null, fields: [] }
const rolledBack: Flight = { ...idle, results: [{ ...nothing, command: 'ROLLBACK' }] }
const committed: Flight = { ...idle, results: [{ ...nothing, command: 'COMMIT' }] }
