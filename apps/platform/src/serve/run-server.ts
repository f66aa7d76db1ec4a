import { setTimeout as wait } from 'node:timers/promises'
import { WatertightError } from 'watertight/errors'
import { endingSignal, untilAborted } from '../program/ending-signal.js'
import type { Variables } from '../program/environment.js'
import { readServerEnvironment } from './read-server-environment.js'
import { servePlatform } from './serve-platform.js'

/** Longest time to finish what is in hand, in seconds; orchestrators kill after 30 by default. */
const stopSeconds = 25

/**
 * Serves the platform until the process is told to end: then it says that it is not ready, takes no
 * more requests, and finishes what is in hand within 25 seconds.
 *
 * @throws INVALID_INPUT, what `servePlatform` throws, and ABORTED when the time was not enough.
 */
export async function runServer(variables: Variables): Promise<void> {
  const { logLevel, drainSeconds, ...environment } = readServerEnvironment(variables)
  const told = endingSignal()
  const served = await servePlatform({ ...environment, log: { level: logLevel } })
  const { log, publicUrl } = served
  log.info({ event: 'started', publicUrl, workers: environment.workers })
  await untilAborted(told)
  served.drain()
  log.info({ event: 'stopping' })
  await wait(drainSeconds * 1000)
  const time = new AbortController()
  const isDone = await Promise.race([
    served.stop().then(() => true),
    wait(stopSeconds * 1000, false, { signal: time.signal }),
  ])
  time.abort()
  if (!isDone) {
    log.error({ event: 'stopped', finished: false })
    throw new WatertightError('ABORTED', `what was in hand took over ${String(stopSeconds)} s`)
  }
  log.info({ event: 'stopped', finished: true })
}
