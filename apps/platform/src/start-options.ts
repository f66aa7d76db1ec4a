import { parseArgs } from 'node:util'
import { WatertightError } from 'watertight/errors'
import { rowSecurityVariable } from './boot/row-security-switch.js'

/** What the command line and the environment ask for. */
export interface StartOptions {
  /** Exit after the check. */
  readonly once: boolean
  readonly help: boolean
  readonly databaseUrl: string | null
  readonly dataDir: string | null
  readonly database: string
  readonly rolePrefix: string
  readonly signingKey: string | undefined
  /** False: without row level security, where the boot check accepts that. */
  readonly rowSecurity: boolean
}

/** Printed by `--help`. */
export const usage = `Usage: npm start -- [--once] [--data-dir DIR]

Starts PostgreSQL with the platform's tables, the isolation layer and three demo tenants,
checks that the isolation holds, and serves the API with its OpenID provider, workers and eraser until Ctrl-C.

  --once          exit after the check: 0 it holds, 1 findings, 3 something is unknown
  --data-dir DIR  keep the data there; by default it goes when the program ends
  --help          this text

Environment
  DATABASE_URL            superuser URL of a server to use; a database of its own is made there
  PLATFORM_DATABASE       name of that database (watertight_platform)
  PLATFORM_ROLE_PREFIX    the roles are <prefix>_app and so on (platform)
  MULTITENANCY_RLS_ENABLED  false: without row level security, in a database with one tenant,
                          no org units and no access grants; refused in any other (true)
  WATERTIGHT_SIGNING_KEY  a key for signed contexts, <kid>:<base64url>; a fresh one by default
  PLATFORM_KEY_ENCRYPTION_KEY  32 bytes as base64url that tenants' keys are encrypted under;
                          fresh ones by default
  PLATFORM_AWS_KMS_REGION keeps new keys of tenants in AWS KMS of that region
  HOST, PORT              where to listen (127.0.0.1:3000, or a free port where that is taken)
  PUBLIC_URL              where browsers reach the server (where it listens)
  OIDC_ISSUER, OIDC_AUDIENCE  an OpenID issuer of yours, and what its tokens name this API
  DEMO_PASSWORD           of all demo users; a fresh one by default
`

/** @throws USAGE for a flag that does not exist or lacks its value, or a variable that is malformed. */
export function parseStartOptions(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const flags = parseFlags(args)
  const setting = (name: string): string | null => variables[name] || null
  return {
    once: flags.once ?? false,
    help: flags.help ?? false,
    databaseUrl: setting('DATABASE_URL'),
    dataDir: flags['data-dir'] ?? null,
    database: setting('PLATFORM_DATABASE') ?? 'watertight_platform',
    rolePrefix: setting('PLATFORM_ROLE_PREFIX') ?? 'platform',
    signingKey: variables['WATERTIGHT_SIGNING_KEY'],
    rowSecurity: isEnabled(rowSecurityVariable, setting(rowSecurityVariable) ?? 'true'),
  }
}

function isEnabled(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw new WatertightError('USAGE', `${name} is true or false`, { object: name })
}

function parseFlags(args: readonly string[]): {
  once?: boolean
  help?: boolean
  'data-dir'?: string
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        'data-dir': { type: 'string' },
      },
    }).values
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new WatertightError('USAGE', message, { hint: 'See npm start -- --help.', cause: error })
  }
}
