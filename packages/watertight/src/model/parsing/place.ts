import type { Problem } from '../../errors/index.js'

/** A key that reads well after a dot; anything else is shown in brackets, as JSON. */
const plainKey = /^[\p{L}\p{M}\p{N}_$."-]{1,140}$/u

function step(path: string, key: string): string {
  if (!plainKey.test(key)) {
    const shown = key.length > 140 ? `${key.slice(0, 140)}…` : key
    return `${path}[${JSON.stringify(shown)}]`
  }
  return path === '' ? key : `${path}.${key}`
}

/** Where in the input a value stands, and the list that problems found there go to. */
export class Place {
  readonly path: string
  readonly #problems: Problem[]

  constructor(path: string, problems: Problem[]) {
    this.path = path
    this.#problems = problems
  }

  key(name: string): Place {
    return new Place(step(this.path, name), this.#problems)
  }

  index(position: number): Place {
    return new Place(`${this.path}[${position}]`, this.#problems)
  }

  /** Notes a problem; returns undefined, which is what a parser answers then. */
  report(message: string): undefined {
    this.#problems.push(Object.freeze({ path: this.path, message }))
    return undefined
  }

  /** Whether a problem was noted here or below, so that no follow-up needs to be. */
  get isFaulty(): boolean {
    return this.#problems.some(
      ({ path }) =>
        path === this.path || path.startsWith(`${this.path}.`) || path.startsWith(`${this.path}[`),
    )
  }
}
