import { useQueryClient } from '@tanstack/react-query'
import { useAnnounce } from '../announce/announcements.js'
import { ProblemError, problemOf } from '../api/problem.js'

interface Reply<Data> {
  readonly data?: Data | undefined
  readonly error?: unknown
  readonly response: Response
}

/** Something that changes data. */
export interface Action {
  /** Resolves to what the server answered; rejects with its problem. For dialogues, which show it. */
  run<Data>(call: Promise<Reply<Data>>, done: string): Promise<Data | undefined>
  /** The same for a lone button: a problem is announced. */
  start(call: () => Promise<Reply<unknown>>, done: string): void
}

/**
 * Sends a change, says what came of it, and has every list and object of the page asked for anew.
 *
 * @example
 * const action = useAction()
 * await action.run(fetch.POST('/api/v1/assets', { body }), 'The asset was entered.')
 */
export function useAction(): Action {
  const queries = useQueryClient()
  const announce = useAnnounce()
  const run: Action['run'] = async (call, done) => {
    const { data, error, response } = await call
    if (!response.ok) throw new ProblemError(error)
    await queries.invalidateQueries()
    announce(done)
    return data
  }
  return {
    run,
    start(call, done) {
      run(call(), done).catch((error: unknown) => {
        const { title, detail } = problemOf(error)
        announce(`${title}. ${detail ?? ''}`, true)
      })
    },
  }
}
