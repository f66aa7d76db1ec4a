/** Tasks of one connection, one after the other in the order they were asked for. */
export class Turns {
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /**
   * Starts a task when those before it have ended, however; at once when there are none. It tells of
   * its failure by what it returns.
   */
  take<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#waiting === 0 ? task() : this.#tail.then(task)
    this.#waiting += 1
    this.#tail = turn.then(this.#leave, this.#leave)
    return turn
  }

  readonly #leave = (): void => {
    this.#waiting -= 1
  }
}
