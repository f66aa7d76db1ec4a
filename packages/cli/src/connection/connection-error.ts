import { WatertightError } from 'watertight/errors'

/** The server and database of a connection, without credentials. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/** `host:port`, the form that messages name. */
export function hostAndPort({ host, port }: Address): string {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What went wrong while connecting, as an error with the next step. Never repeats a password. */
export function connectionError(error: unknown, address: Address): WatertightError {
  if (error instanceof WatertightError) return error
  const place = hostAndPort(address)
  const code = codeOf(error)
  const reason = reasonOf(error)
  const make = (
    kind: 'CONNECTION_FAILED' | 'AUTHENTICATION_FAILED',
    message: string,
    hint: string,
  ): WatertightError =>
    new WatertightError(kind, message, {
      object: place,
      hint,
      cause: error,
      ...(/^[0-9A-Z]{5}$/.test(code) && { sqlState: code }),
    })
  const login = (message: string, hint: string): WatertightError =>
    make('AUTHENTICATION_FAILED', message, hint)
  const unreachable = (message: string, hint: string): WatertightError =>
    make('CONNECTION_FAILED', message, hint)

  if (code === '28P01' || code === '28000' || /password must be a string|SASL/.test(reason)) {
    const needsPassword = /password must be a (non-empty )?string/.test(reason)
    return needsPassword
      ? login(
          `${place} asks ${address.user} for a password and none was given`,
          'Set PGPASSWORD, or use a password file (~/.pgpass).',
        )
      : login(
          `${place} refuses the login of ${address.user}: ${reason}`,
          'Check the user and the password, and pg_hba.conf on the server.',
        )
  }
  if (code === '3D000') {
    return unreachable(
      `there is no database ${address.database} on ${place}`,
      'Check the name at the end of the URL, or create the database.',
    )
  }
  if (isTls(code, reason)) {
    return unreachable(
      `no encrypted connection to ${place}: ${reason}`,
      'Check sslmode and sslrootcert in the URL: sslmode=disable for a local server without TLS.',
    )
  }
  return unreachable(`cannot connect to ${place}: ${reason}`, hintFor(code, place))
}

function hintFor(code: string, place: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Check the host name in the URL.'
    case '53300':
      return 'The server has no free connections; close some, or connect past the pooler.'
    case '57P03':
      return 'The server is starting up or shutting down; try again.'
    default:
      return `Is PostgreSQL running at ${place}, and reachable from here? \`watertight dev\` starts a local one.`
  }
}

function isTls(code: string, reason: string): boolean {
  return (
    /^(ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code) ||
    /SSL|TLS|certificate/i.test(reason)
  )
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

function reasonOf(error: unknown): string {
  // Node tries every address of a host and reports an aggregate without a message.
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return 'unknown reason'
  if (error.message !== '') return error.message
  return codeOf(error) || error.name
}
