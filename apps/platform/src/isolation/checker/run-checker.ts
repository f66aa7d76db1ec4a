import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import type { TenancyModel } from 'watertight/model'
import { connectAdmin } from '../../boot/connect-admin.js'
import { readEnvironment } from '../../program/environment.js'
import type { Variables } from '../../program/environment.js'
import { platformTenancy } from '../../tenancy.js'
import { takeRun } from './checker-repository.js'
import { runCheck } from './run-check.js'

/** Milliseconds between two looks into the queue. */
const lookEvery = 1000

/** What a checker is told. */
export interface CheckerOptions {
  /** Of a superuser. */
  readonly url: string
  readonly model: TenancyModel
  /** Ends the checker after the run in hand. */
  readonly signal: AbortSignal
  readonly log: (line: object) => void
}

/**
 * Reads what the environment says of a checker.
 *
 * | variable | meaning |
 * |---|---|
 * | `PLATFORM_CHECK_URL` | login of a superuser, for probes as every runtime role |
 * | `PLATFORM_ROLE_PREFIX` | prefix of the database roles (`platform`) |
 *
 * @throws INVALID_INPUT with every problem.
 */
export function readCheckerEnvironment(
  variables: Variables,
): Pick<CheckerOptions, 'url' | 'model'> {
  const read = readEnvironment(variables)
  const url = read.databaseUrl('PLATFORM_CHECK_URL')
  read.refuseProblems()
  return { url, model: platformTenancy(read.optional('PLATFORM_ROLE_PREFIX') ?? 'platform') }
}

/**
 * Does the runs that are asked for, one after another, until the signal fires. Each run has
 * connections of its own, so that nothing of a broken one is left.
 */
export async function runChecker({ url, model, signal, log }: CheckerOptions): Promise<void> {
  let queue = await connectAdmin(url, 'PLATFORM_CHECK_URL')
  log({ event: 'started' })
  while (!signal.aborted) {
    try {
      const run = await takeRun(queue)
      if (run !== undefined) {
        const result = await onConnection(url, (checked) =>
          runCheck({ checked, record: queue }, model, run),
        )
        log({ event: 'checked', run: run.id, ...(result?.summary ?? { failed: true }) })
        continue
      }
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code')
      log({ event: 'failure', code: typeof code === 'string' ? code : null })
      await queue.end().catch(() => undefined)
      queue = await reconnect(url, queue, signal)
    }
    await wait(lookEvery, undefined, { signal }).catch(() => undefined)
  }
  await queue.end().catch(() => undefined)
  log({ event: 'stopped' })
}

async function onConnection<Result>(
  url: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectAdmin(url, 'PLATFORM_CHECK_URL')
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The connection anew, as soon as the server is back. */
async function reconnect(url: string, last: pg.Client, signal: AbortSignal): Promise<pg.Client> {
  while (!signal.aborted) {
    try {
      return await connectAdmin(url, 'PLATFORM_CHECK_URL')
    } catch {
      await wait(lookEvery, undefined, { signal }).catch(() => undefined)
    }
  }
  return last
}
