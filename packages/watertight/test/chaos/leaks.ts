import type { Connections } from './connections.js'
import type { Oracle } from './oracle.js'
import type { World } from './world.js'

interface Session {
  readonly state: string
  readonly count: number
}

interface Allowance {
  /** Sessions that may stay on the server, since they are a pooler's. */
  readonly kept: number
  /** Milliseconds within which everything must have come back. */
  readonly withinMs: number
}

/**
 * Counts connections that did not come back once every caller had ended, then closes the pool and
 * counts the sessions that stay on the server.
 */
export async function findLeaks(
  oracle: Oracle,
  connections: Connections,
  world: World,
  { kept, withinMs }: Allowance,
): Promise<void> {
  const settles = (isSettled: () => Promise<boolean>): Promise<void> => within(withinMs, isSettled)
  const out = (): number => connections.out()
  await settles(async () => out() === 0)
  oracle.count('leakedConnections', 'connections that the pool did not get back', out())

  const open = async (): Promise<number> => {
    const sessions = await sessionsOf(world)
    return sessions.reduce((sum, { state, count }) => (state === 'idle' ? sum : sum + count), 0)
  }
  await settles(async () => (await open()) === 0)
  oracle.count('leakedConnections', 'sessions that are not idle', await open())

  // A pool that has not got all its connections back would wait for them.
  if (out() > 0) return
  await connections.end()
  const left = async (): Promise<number> => {
    const sessions = await sessionsOf(world)
    return Math.max(0, sessions.reduce((sum, { count }) => sum + count, 0) - kept)
  }
  await settles(async () => (await left()) === 0)
  oracle.count('leakedConnections', 'sessions that outlive their pool', await left())
}

function sessionsOf(world: World): Promise<Session[]> {
  return world.inspect<Session>(
    `select coalesce(state, '') as state, count(*)::int from pg_stat_activity
       where usename = 'chaos_app' group by 1`,
  )
}

async function within(milliseconds: number, isSettled: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end;) {
    if (await isSettled()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
