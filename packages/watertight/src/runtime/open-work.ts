import { WatertightError } from '../errors/index.js'

/** Counts what runs, so that a manager can be closed without cutting it off. */
export class OpenWork {
  #count = 0
  #closing: { readonly done: Promise<void>; readonly finish: () => void } | null = null

  /** @throws TX_CLOSED once the manager is being closed. */
  requireOpen(): void {
    if (this.#closing === null) return
    throw new WatertightError('TX_CLOSED', 'the transaction manager was closed', {
      hint: 'Start no work after close().',
    })
  }

  enter(): void {
    this.#count += 1
  }

  leave(): void {
    this.#count -= 1
    if (this.#count === 0) this.#closing?.finish()
  }

  /** Lets nothing new in and resolves when everything that runs has ended. */
  close(): Promise<void> {
    if (this.#closing === null) {
      let finish = (): void => undefined
      const done = new Promise<void>((resolve) => (finish = resolve))
      this.#closing = { done, finish }
      if (this.#count === 0) finish()
    }
    return this.#closing.done
  }
}
