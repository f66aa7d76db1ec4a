import { WatertightError } from 'watertight/errors'

/** @throws INTERRUPTED once the signal has fired. */
export function refuseIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new WatertightError('INTERRUPTED', 'interrupted; nothing was changed', {
    cause: signal.reason,
  })
}
