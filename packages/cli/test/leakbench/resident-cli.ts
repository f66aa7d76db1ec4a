import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../src/testing/run-cli.js'

/** The CLI in memory: many command lines share one start. */
export interface ResidentCli {
  /** A shell command that stands for `watertight`. */
  readonly command: string
  close(): Promise<void>
}

const client = fileURLToPath(new URL('ask-resident.mjs', import.meta.url))

/** Listens on the loopback for command lines and runs each as the program would, proofs kept. */
export async function startResidentCli(cacheFolder: string): Promise<ResidentCli> {
  const variables = { WATERTIGHT_CACHE_DIR: cacheFolder, XDG_STATE_HOME: cacheFolder }
  const listener = createServer((request, response) => {
    void text(request)
      .then((body) => runCli(JSON.parse(body) as readonly string[], { variables }))
      .catch((error: unknown) => ({ exit: 70, stdout: '', stderr: String(error) }))
      .then((run) => response.end(JSON.stringify(run)))
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', resolve)
  })
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP address.')
  return {
    command: `'${process.execPath}' '${client}' http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        listener.closeAllConnections()
      }),
  }
}
