import type { ResultField, TypeParsers } from '../runtime/driver.js'

/** A column as `pg` describes it. */
export interface PgField extends ResultField {
  readonly format?: string
}

const ownValue = { value: null, writable: true, enumerable: true, configurable: true }

/**
 * The columns of a result. Kept for as long as a statement is prepared, so nobody may change it.
 * INVARIANT: PostgreSQL gives a named statement the same names and types of columns for as long as
 * it is known; where a table has changed it fails (`RevalidateCachedQuery`). The numbers of table and
 * column in a description that was kept may be those of a table that has been replaced since.
 */
export class RowShape {
  readonly fields: readonly PgField[]
  readonly #empty: Readonly<Record<string, null>>

  constructor(fields: readonly PgField[]) {
    this.fields = Object.freeze(fields.map((field) => Object.freeze(field)))
    const empty: Record<string, null> = {}
    for (const { name } of fields) {
      // Assigned, it would be what the row inherits from; it is a column here.
      if (name === '__proto__') Object.defineProperty(empty, name, ownValue)
      else empty[name] = null
    }
    this.#empty = empty
  }

  /** A row without values. */
  row(): Record<string, unknown> {
    return { ...this.#empty }
  }
}

/** Makes rows of what the server sends, with the type parsers and in the form of `pg`. */
export class RowReader {
  readonly #shape: RowShape
  readonly #asArray: boolean
  readonly #parsers: ((value: string) => unknown)[]

  constructor(shape: RowShape, types: TypeParsers, asArray: boolean) {
    this.#shape = shape
    this.#asArray = asArray
    this.#parsers = shape.fields.map(({ dataTypeID, format }) =>
      types.getTypeParser(dataTypeID, format ?? 'text'),
    )
  }

  /** @throws TypeError for another number of columns, and whatever a type parser throws. */
  read(values: readonly (string | null)[]): unknown {
    const { fields } = this.#shape
    if (values.length !== fields.length) throw new TypeError('a row has columns of another result')
    if (this.#asArray) return values.map((value, index) => this.#parse(value, index))
    const row = this.#shape.row()
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index] as PgField
      const value = values[index] as string | null
      const isBytes = value !== null && field.format === 'binary'
      row[field.name] = this.#parse(
        isBytes ? (Buffer.from(value) as unknown as string) : value,
        index,
      )
    }
    return row
  }

  #parse(value: string | null, index: number): unknown {
    return value === null ? null : this.#parsers[index]?.(value)
  }
}

const tag = /^([A-Za-z]+)(?: (\d+))?(?: (\d+))?/

/** First word and number of rows of a command tag such as `INSERT 0 1`. */
export function readTag(text: string): { command: string; rowCount: number | null } {
  const match = tag.exec(text)
  const count = match?.[3] ?? match?.[2]
  return { command: match?.[1] ?? '', rowCount: count === undefined ? null : parseInt(count, 10) }
}
