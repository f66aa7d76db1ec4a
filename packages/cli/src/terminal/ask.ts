import { createInterface } from 'node:readline/promises'
import type { Readable } from 'node:stream'
import { WatertightError } from 'watertight/errors'
import type { Screen } from './screen.js'

/**
 * Asks a question on stderr and returns the answer. The end of the input, Escape and Ctrl-C are no
 * answer.
 *
 * @throws INTERRUPTED when the signal fires or the input ends first.
 */
export async function ask(
  question: string,
  { stdin, err }: { readonly stdin: Readable; readonly err: Screen },
  signal: AbortSignal,
): Promise<string> {
  err.write(question)
  const reader = createInterface({ input: stdin, terminal: false })
  const ended = new Promise<never>((_resolve, reject) => {
    reader.once('close', () => reject(new Error('the input ended')))
  })
  try {
    return await Promise.race([reader.question('', { signal }), ended])
  } catch (error) {
    throw new WatertightError('INTERRUPTED', 'no answer was given; nothing was changed', {
      cause: error,
    })
  } finally {
    ended.catch(() => undefined)
    reader.close()
  }
}
