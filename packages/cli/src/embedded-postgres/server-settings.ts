import { WatertightError } from 'watertight/errors'
import type { RunDirectory } from './run-directory.js'

/** What the settings of a server depend on. */
export interface SettingsRequest {
  readonly port: number
  readonly run: RunDirectory
  readonly isEphemeral: boolean
  readonly overrides: Readonly<Record<string, string>>
}

/** Linux allows 107 bytes in the path of a Unix socket, macOS 103. */
const longestSocketPath = 103

/**
 * The server's command-line settings.
 *
 * @throws WatertightError INVALID_INPUT for a setting name that is none
 */
export function serverArguments(request: SettingsRequest): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(request.port),
    unix_socket_directories: fittingSocketDirectory(request),
    timezone: 'UTC',
    log_timezone: 'UTC',
    shared_buffers: '64MB',
    ...(request.isEphemeral ? ephemeralSettings : {}),
    ...request.overrides,
    // INVARIANT: tells which run this server belongs to; see findRunningPostmaster.
    cluster_name: request.run.name,
  }
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) {
      throw new WatertightError('INVALID_INPUT', `"${name}" is not a PostgreSQL setting.`, {
        object: name,
      })
    }
    return ['-c', `${name}=${value}`]
  })
}

/** Nothing of an ephemeral cluster outlives a crash, so nothing need be made durable. */
const ephemeralSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_senders: '0',
  wal_level: 'minimal',
}

function fittingSocketDirectory({ port, run }: SettingsRequest): string {
  const { socketDirectory } = run
  const longest = Buffer.byteLength(`${socketDirectory}/.s.PGSQL.${port}.lock`)
  return longest <= longestSocketPath ? socketDirectory : ''
}
