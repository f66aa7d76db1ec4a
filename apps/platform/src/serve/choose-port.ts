import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { WatertightError } from 'watertight/errors'

/** Where the server is found when nobody says otherwise. */
export const usualPort: number = 3000

/**
 * The port to listen on, found before listening, because the addresses of the OpenID issuer name it.
 *
 * @param wanted null: the usual port, or a free one where that is taken
 * @throws CONNECTION_FAILED when the wanted port cannot be had.
 */
export async function choosePort(host: string, wanted: number | null): Promise<number> {
  if (wanted !== null) return tryPort(host, wanted)
  return tryPort(host, usualPort).catch(() => tryPort(host, 0))
}

function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (cause) => {
      const at = `${host}:${String(port)}`
      reject(
        new WatertightError('CONNECTION_FAILED', `cannot listen on ${at}`, {
          object: at,
          hint: 'Choose another with HOST and PORT.',
          cause,
        }),
      )
    })
    server.listen(port, host, () => {
      const { port: chosen } = server.address() as AddressInfo
      server.close(() => resolve(chosen))
    })
  })
}
