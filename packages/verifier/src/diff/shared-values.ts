import type { Value } from '../prove/encode/value.js'

/** Values that are one for the whole statement, of one side: some of them are those of the other side. */
export class SharedValues extends Map<string, Value> {
  readonly #both: Map<string, Value>
  readonly #isShared: (key: string) => boolean

  constructor(both: Map<string, Value>, isShared: (key: string) => boolean) {
    super()
    this.#both = both
    this.#isShared = isShared
  }

  override get(key: string): Value | undefined {
    return this.#isShared(key) ? this.#both.get(key) : super.get(key)
  }

  override set(key: string, value: Value): this {
    if (this.#isShared(key)) this.#both.set(key, value)
    else super.set(key, value)
    return this
  }
}

/** The stack of tables whose policies are being applied; remembers that it was cut off. */
export class ApplyingTables extends Array<string> {
  wasCut = false

  /** As the encoder asks it: a table that is there already, or too many of them, is not applied. */
  override includes(key: string): boolean {
    const isThere = super.includes(key)
    if (isThere || this.length > 4) this.wasCut = true
    return isThere
  }
}
