import type { EraserOptions } from './run-eraser.js'
import { eraseInRounds } from './run-eraser.js'

/** An eraser in this process. */
export interface RunningEraser {
  /** Finishes what is in hand. */
  stop(): Promise<void>
}

/** Starts the eraser beside a server, for a demo; elsewhere it is a process of its own. */
export function startEraser(options: EraserOptions): RunningEraser {
  const told = new AbortController()
  const ended = eraseInRounds(options, told.signal)
  return {
    async stop() {
      told.abort()
      await ended
    },
  }
}
