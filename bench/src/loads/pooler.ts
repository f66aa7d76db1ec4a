import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** URLs by way of a pooler, in the order of those given. */
export interface Pooler {
  readonly urls: readonly string[]
  stop(): Promise<void>
}

/**
 * Starts PgBouncer in transaction mode by the project's script.
 *
 * @throws Error where PgBouncer is not installed.
 */
export async function startPooler(
  urls: readonly string[],
  { serverPoolSize, maxClients }: { serverPoolSize: number; maxClients: number },
): Promise<Pooler> {
  const options = [
    ...urls.map((url) => `--url=${url}`),
    `--server-pool-size=${serverPoolSize}`,
    `--max-clients=${maxClients}`,
  ]
  const child = spawn(process.execPath, [scriptPath(), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const pooled: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    pooled.push(line)
    if (pooled.length === urls.length) break
  }
  if (pooled.length < urls.length) throw new Error('PgBouncer did not start')
  return {
    urls: pooled,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** `scripts/pgbouncer.mjs` of the repository, from the sources and from what is built of them. */
function scriptPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const script = join(folder, 'scripts/pgbouncer.mjs')
    if (existsSync(script)) return script
    if (dirname(folder) === folder) throw new Error('scripts/pgbouncer.mjs was not found')
    folder = dirname(folder)
  }
}
