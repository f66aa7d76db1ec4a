import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import type { EmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import { announce } from './run-servers.js'
import type { RunServers } from './run-servers.js'
import { majorsOfRun } from './server-major.js'
import type { ServerMajor } from './server-major.js'

/**
 * Small buffers and little WAL: with `strategy = file_copy` every new database writes out what is in
 * them, and they may lie in memory.
 */
const settings = {
  max_connections: '200',
  shared_buffers: '32MB',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  autovacuum_naptime: '5min',
}

/** Servers from npm packages, each started when the first test asks for its version. */
export function embeddedServers(): RunServers {
  const started = new Map<ServerMajor, Promise<EmbeddedPostgres>>()
  const start = (major: ServerMajor): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({
      major,
      auth: 'trust',
      settings,
      onProgress: (line) => announce(`tests: ${line} …`),
    })
  return {
    majors: majorsOfRun(process.env),
    urlOf: async (major) => {
      const starting = started.get(major) ?? start(major)
      started.set(major, starting)
      return (await starting).url
    },
    stop: async () => {
      const outcomes = await Promise.allSettled(started.values())
      const servers = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}
