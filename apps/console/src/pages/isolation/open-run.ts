import type { Run } from './run-totals.js'

/** Whether a run is queued or running: what it says changes by itself. */
export function isOpen({ status }: Run): boolean {
  return status === 'queued' || status === 'running'
}

/** Whether there is an open run among these. */
export function isAnyOpen(runs: readonly Run[]): boolean {
  return runs.some(isOpen)
}
