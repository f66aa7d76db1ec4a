import type { A_Const } from 'libpg-query'
import type { Literal } from '../ir/expr.js'
import { unmodelled } from './unmodelled.js'

/** A constant. The syntax tree leaves out zero, false and the empty string. */
export function convertConstant(constant: A_Const): Literal {
  const { ival, fval, boolval, sval, bsval, isnull } = constant
  if (isnull === true) return { kind: 'literal', type: 'null', value: null }
  if (ival !== undefined) return { kind: 'literal', type: 'integer', value: ival.ival ?? 0 }
  if (fval !== undefined) return { kind: 'literal', type: 'numeric', value: fval.fval ?? '0' }
  if (boolval !== undefined) {
    return { kind: 'literal', type: 'boolean', value: boolval.boolval ?? false }
  }
  if (sval !== undefined) return { kind: 'literal', type: 'string', value: sval.sval ?? '' }
  if (bsval !== undefined) return { kind: 'literal', type: 'bits', value: bsval.bsval ?? '' }
  return unmodelled('a constant')
}
