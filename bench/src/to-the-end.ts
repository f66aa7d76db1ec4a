import { writeSync } from 'node:fs'

/**
 * Runs `work`. Node ends a process without a word of its own when it waits for what nothing can bring
 * any more; this one then says that it was not done, and fails, as after a call of `process.exit`.
 */
export async function toTheEnd<T>(work: () => Promise<T>): Promise<T> {
  const unfinished = (code: number): void => {
    writeSync(2, 'the process ended before its work had: there is no result\n')
    process.exitCode = code === 0 ? 1 : code
  }
  process.once('exit', unfinished)
  try {
    return await work()
  } finally {
    process.off('exit', unfinished)
  }
}
