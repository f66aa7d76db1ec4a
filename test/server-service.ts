import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { RunServers } from './run-servers.js'
import { isServerMajor } from './server-major.js'

/** Answers the test processes, which cannot share memory with the one that owns the servers. */
export interface ServerService {
  readonly address: string
  close(): Promise<void>
}

/** Serves `GET /<major>` with the superuser URL of that server, which it starts when needed. */
export async function startServerService(servers: RunServers): Promise<ServerService> {
  const listener = createServer((request, response) => {
    void answer(servers, Number(request.url?.slice(1)), response)
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', resolve)
  })
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP address.')
  return {
    address: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        listener.closeAllConnections()
      }),
  }
}

async function answer(servers: RunServers, major: number, response: ServerResponse): Promise<void> {
  try {
    if (!isServerMajor(major) || !servers.majors.includes(major)) {
      throw new Error(`version ${major} is not part of this run`)
    }
    response.end(await servers.urlOf(major))
  } catch (error) {
    response.statusCode = 500
    response.end(error instanceof Error ? error.message : String(error))
  }
}
