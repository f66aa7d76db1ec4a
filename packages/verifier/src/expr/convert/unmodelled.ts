/** Signals inside the conversion that a construct has no place in the IR. */
export class Unmodelled extends Error {
  override readonly name = 'Unmodelled'
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Rejects a construct that the IR does not model. */
export function unmodelled(reason: string): never {
  throw new Unmodelled(reason)
}
