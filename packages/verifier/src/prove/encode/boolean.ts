import type { Expr } from '../../expr/index.js'
import { castTo } from './cast.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import type { Value } from './value.js'

/** Encodes what must be a boolean. */
export function encodeBoolean(expr: Expr, encoding: Encoding, frame: Frame): Value {
  const value = encoding.encoders.encode(expr, encoding, frame)
  return value.type === 'bool' ? value : castTo(encoding, value, 'bool')
}
