import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import type { EmbeddedPostgres } from '@watertight/cli/embedded-postgres'

/** A server of one test's own, which it may stop, crash and start again. */
export interface OwnServer {
  /** Superuser URL; the same after a restart. */
  readonly url: string
  /** Stops the server and starts it again: in order, or as after a crash. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** Commits must outlive a crash of the server, but not one of the machine. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  log_min_messages: 'panic',
  deadlock_timeout: '200ms',
}

export async function startOwnServer(): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'watertight-server-'))
  // The server runs as a user of its own where this process is root's.
  await chmod(directory, 0o711)
  const dataDir = join(directory, 'data')
  const start = (port?: number): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, auth: 'trust', settings, ...(port !== undefined && { port }) })
  let server = await start()
  const { port, url } = server
  return {
    url,
    restart: async (how) => {
      if (how === 'immediate') process.kill(server.pid, 'SIGQUIT')
      await server.stop()
      server = await start(port)
    },
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
