import type { Readable } from 'node:stream'
import type { Screen } from './terminal/screen.js'
import type { Variables } from './terminal/style.js'

/** Everything a command may touch of the process it runs in. */
export interface CommandEnvironment {
  readonly cwd: string
  readonly variables: Variables
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined }
  /** Data: what was asked for, and nothing else. */
  readonly out: Screen
  /** Everything else: progress, notes, questions, errors. */
  readonly err: Screen
  /** Fires on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}
