import pg from 'pg'
import type { FaultSwitch } from './fault-switch.js'
import type { Random } from '../../../../test/random.js'
import type { World } from './world.js'
import type { PgBouncer } from '../../../../test/pgbouncer.js'

/** What the failures of a run are injected into. */
export interface FaultTargets {
  readonly world: World
  readonly wire: FaultSwitch
  readonly pooler: PgBouncer | null
}

/** A failure that is injected while callers are at work. */
interface Fault {
  readonly name: string
  readonly weight: number
  /** Heavy ones break every connection, and are rare. */
  readonly heavy: boolean
  readonly needsPooler?: true
  /** Resolves to what exactly was done, where it has several ways. */
  inject(targets: FaultTargets, random: Random): Promise<string | void>
}

/** A session of the members' role, preferably one that is at work. */
const session = `select pid from pg_stat_activity where usename = 'chaos_app'
  order by state = 'idle', random() limit 1`

function signalSession(signal: 'pg_terminate_backend' | 'pg_cancel_backend') {
  return async ({ world }: FaultTargets): Promise<void> => {
    await world.inspect(`select ${signal}(pid) from (${session}) s`)
  }
}

export const faults: readonly Fault[] = [
  {
    name: 'connection',
    weight: 12,
    heavy: false,
    inject: async ({ wire }, random) => wire.breakSoon(random),
  },
  {
    name: 'pg_terminate_backend',
    weight: 3,
    heavy: false,
    inject: signalSession('pg_terminate_backend'),
  },
  {
    name: 'pg_cancel_backend',
    weight: 4,
    heavy: false,
    inject: signalSession('pg_cancel_backend'),
  },
  {
    name: 'kill -9 of a backend',
    weight: 2,
    heavy: true,
    async inject({ world }) {
      const [victim] = await world.inspect<{ pid: number }>(session)
      // Only a process of the run's own server, which then restarts itself.
      if (victim !== undefined) killIfThere(victim.pid)
    },
  },
  {
    name: 'restart of the server',
    weight: 1,
    heavy: true,
    inject: ({ world }) => world.restart('fast'),
  },
  {
    name: 'crash of the server',
    weight: 1,
    heavy: true,
    inject: ({ world }) => world.restart('immediate'),
  },
  {
    name: 'reload of PgBouncer',
    weight: 1,
    heavy: true,
    needsPooler: true,
    inject: async ({ pooler }) => pooler?.reload(),
  },
  {
    name: 'kill -9 of PgBouncer',
    weight: 2,
    heavy: true,
    needsPooler: true,
    async inject({ pooler }, random) {
      await pooler?.kill()
      await new Promise((resolve) => setTimeout(resolve, random.int(200)))
      await pooler?.restart()
    },
  },
]

/** It may have ended by itself since it was asked for. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until the server takes connections again. */
export async function serverIsUp(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.end()
    } catch (cause) {
      if (attempt === 300) throw new Error('the server did not come back', { cause })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
