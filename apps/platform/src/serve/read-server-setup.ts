import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import { bundledConsole } from '../console/console-folder.js'
import { isWebAddress, readIdentitySetup } from '../identity/read-identity-setup.js'
import type { IdentitySetup } from '../identity/read-identity-setup.js'

/** What the HTTP server of the platform is told by its environment. */
export interface ServerSetup {
  readonly host: string
  /** Null: the usual one, or a free one where that is taken. */
  readonly port: number | null
  /** Where browsers reach the server, without a slash at the end; null: where it listens. */
  readonly publicUrl: string | null
  readonly identity: (publicUrl: string) => IdentitySetup
  readonly exportFolder: string | null
  /** The bundled console; null for none. */
  readonly consoleFolder: string | null
  readonly loopbackTargets: readonly string[]
}

type Variables = Readonly<Record<string, string | undefined>>

/** Stands for the address that is not known yet, while problems are looked for. */
const anyPublicUrl = 'http://127.0.0.1'

/**
 * Reads what the environment says of the server, with all problems at once; no value is shown.
 *
 * | variable | meaning |
 * |---|---|
 * | `HOST` | address to listen on (`127.0.0.1`) |
 * | `PORT` | port to listen on (3000, or a free one where that is taken) |
 * | `PUBLIC_URL` | where browsers reach the server (where it listens) |
 * | `CONSOLE_FOLDER` | the bundled console, or `none` (that of the workspace, once it is bundled) |
 * | `PLATFORM_EXPORT_FOLDER` | where finished exports are kept; a folder of this run |
 * | `PLATFORM_WEBHOOK_LOOPBACK_TARGETS` | `host:port`, with commas, that webhooks may reach on this machine |
 *
 * @throws INVALID_INPUT with every problem; those of identity are among them.
 */
export function readServerSetup(variables: Variables): ServerSetup {
  const problems: Problem[] = []
  const problem = (path: string, message: string): void => void problems.push({ path, message })
  const setting = (name: string): string | null => variables[name] || null
  const publicUrl = setting('PUBLIC_URL')?.replace(/\/+$/, '') ?? null
  const isReachable = publicUrl !== null && isWebAddress(publicUrl)
  if (publicUrl !== null && !isReachable) {
    problem('PUBLIC_URL', 'is no https address, nor one of this machine')
  }
  const port = setting('PORT')
  if (port !== null && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    problem('PORT', 'must be a whole number from 0 to 65535')
  }
  readIdentitySetup(variables, isReachable ? publicUrl : anyPublicUrl, problems)
  if (problems.length > 0) {
    const summary = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new WatertightError('INVALID_INPUT', `the environment: ${summary}`, { problems })
  }
  return {
    host: setting('HOST') ?? '127.0.0.1',
    port: port === null ? null : Number(port),
    publicUrl,
    identity: (url) => readIdentitySetup(variables, url, []),
    exportFolder: setting('PLATFORM_EXPORT_FOLDER'),
    consoleFolder:
      setting('CONSOLE_FOLDER') === 'none' ? null : (setting('CONSOLE_FOLDER') ?? bundledConsole()),
    loopbackTargets: (setting('PLATFORM_WEBHOOK_LOOPBACK_TARGETS') ?? '')
      .split(',')
      .flatMap((target) => target.trim() || []),
  }
}
