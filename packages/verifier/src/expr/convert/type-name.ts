import type { Node, TypeName as RawTypeName } from 'libpg-query'
import type { TypeModifier, TypeName } from '../ir/names.js'
import { qualifiedNameOf, raw, rawIf, stringsOf } from './node.js'
import { unmodelled } from './unmodelled.js'

/** A type name with its modifiers and array dimensions. */
export function convertTypeName(type: RawTypeName): TypeName {
  if (type.setof === true) return unmodelled('a set-returning type')
  if (type.pct_type === true) return unmodelled('a %TYPE reference')
  return {
    ...qualifiedNameOf(type.names),
    modifiers: (type.typmods ?? []).map(modifierOf),
    dimensions: (type.arrayBounds ?? []).map((bound) => {
      const size = raw(bound, 'Integer').ival ?? 0
      return size === -1 ? null : size
    }),
  }
}

function modifierOf(node: Node): TypeModifier {
  const constant = rawIf(node, 'A_Const')
  if (constant?.ival !== undefined) return constant.ival.ival ?? 0
  const name = stringsOf(rawIf(node, 'ColumnRef')?.fields)
  return name.length === 1 && name[0] !== undefined ? name[0] : unmodelled('a type modifier')
}
