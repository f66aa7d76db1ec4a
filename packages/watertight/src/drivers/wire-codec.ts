import type { Statement } from '../runtime/driver.js'
import type { WireField } from './wire-reader.js'

/** Converts values and rows as the client of a driver does. */
export interface WireCodec {
  /** The object id of a type that the value itself names; 0 otherwise. */
  typeOf(value: unknown): number
  /** True when the text of a value depends on the type that the server expects. */
  needsType(value: unknown): boolean
  /** The text of a value, or null for NULL; `type` is 0 when it is not known. */
  encode(value: unknown, type: number): string | null
  /** What makes a row of its values in text format. */
  rowReader(
    fields: readonly WireField[],
    statement: Statement,
  ): (values: readonly (string | null)[]) => unknown
  /** The error that the client would have made of an ErrorResponse. */
  serverError(fields: ReadonlyMap<string, string>): unknown
}
