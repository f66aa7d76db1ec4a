import { remembered } from './encoding.js'
import type { Encoding } from './encoding.js'
import { present } from './value.js'
import type { Value } from './value.js'

/** The instant of the transaction: one value for the whole statement. */
export function now(encoding: Encoding): Value {
  return remembered(encoding, 'now()', () =>
    present('time:timestamptz', encoding.constant('now()', 'int')),
  )
}
