import type { ConnectionOptions } from 'node:tls'
import { isIP } from 'node:net'
import type { CancelOutcome, ServerAddress } from './cancel-request.js'
import { backendKey, requestCancel } from './cancel-request.js'
import type { PgClient } from './pg-protocol.js'

/** What a `pg.Client` knows of its connection; all public there, none of it in every version. */
interface ConnectedClient {
  readonly host?: string
  readonly port?: number
  readonly ssl?: boolean | ConnectionOptions | null
  readonly sslNegotiation?: string
  readonly processID?: number | null
  readonly secretKey?: number | null
  readonly connection?: {
    readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number }
  }
}

/** How to cancel the query in progress of a client, whose connection is open. */
export function cancelQueryOf(pgClient: PgClient): () => Promise<CancelOutcome> {
  const client = pgClient as ConnectedClient
  return async () => {
    const address = addressOf(client)
    const { processID, secretKey } = client
    if (address === null || typeof processID !== 'number' || typeof secretKey !== 'number') {
      return 'unsent'
    }
    return requestCancel(address, backendKey(processID, secretKey))
  }
}

function addressOf(client: ConnectedClient): ServerAddress | null {
  const { host, port } = client
  if (host === undefined || port === undefined) return null
  const negotiation = client.sslNegotiation === 'direct' ? 'direct' : 'postgres'
  const tls = tlsOf(client.ssl, host)
  if (host.startsWith('/')) {
    return { at: { path: `${host}/.s.PGSQL.${port}` }, tls, negotiation }
  }
  // The very server: a host name may stand for several.
  const { remoteAddress = host, remotePort = port } = client.connection?.stream ?? {}
  return { at: { host: remoteAddress, port: remotePort }, tls, negotiation }
}

function tlsOf(ssl: ConnectedClient['ssl'], host: string): ConnectionOptions | null {
  if (ssl === undefined || ssl === null || ssl === false) return null
  const options: ConnectionOptions = { host, ...(isIP(host) === 0 && { servername: host }) }
  if (ssl === true) return options
  // `pg` makes the key non-enumerable, so that it is not printed; a spread leaves it out.
  return { ...options, ...ssl, ...(ssl.key !== undefined && { key: ssl.key }) }
}
