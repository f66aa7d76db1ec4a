import { castTo } from '../encode/cast.js'
import { compare } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { settingValue } from '../encode/setting.js'
import { isPresent, isTrue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { and, apply, eq, not, or, text } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { claimsOf } from './claims.js'
import { notePlain } from './context-user.js'

/**
 * Whether an org unit is one of the context's: of the set that a signed scope covers, or of the
 * list in a setting, or of any where the scope in a setting is the whole tenant. Undefined for a context that carries none.
 */
export function isOwnUnit(encoding: Encoding, unit: Value): Term | undefined {
  const { context, orgUnits } = encoding.subject.model
  if (orgUnits === null) return undefined
  if (context.kind === 'signed') {
    const { units } = claimsOf(encoding)
    if (units.type !== `array:${unit.type}`) return undefined
    noteTree(encoding)
    return and(
      isPresent(unit),
      isPresent(units),
      apply('in array', 'bool', [units.term, unit.term]),
    )
  }
  if (context.kind !== 'guc' || context.orgUnits === null) return undefined
  notePlain(encoding)
  const list = settingValue(encoding, context.orgUnits)
  const isSet = and(not(list.isNull), not(eq(list.term, text(''))))
  // A setting that holds one unit is a list too.
  const bare = isTrue(compare(encoding, '=', castTo(encoding, list, unit.type), unit))
  const readings = listReadings(list, unit).map((array) =>
    apply('in array', 'bool', [array, unit.term]),
  )
  const listed = and(isPresent(unit), isSet, or(bare, ...readings))
  return context.orgScope === null ? listed : or(listed, isWholeTenant(encoding, context.orgScope))
}

/** The scope `all` covers every unit of the tenant. */
function isWholeTenant(encoding: Encoding, setting: string): Term {
  const scope = settingValue(encoding, setting)
  return and(not(scope.isNull), eq(scope.term, text('all')))
}

/** The list as `a,b`, and as the array literal `{a,b}`, both with and without help of `translate`. */
function listReadings({ term }: Value, { type }: Value): readonly Term[] {
  const plain = apply('listed', 'int', [term])
  const stripped = apply('listed', 'int', [apply('without braces', 'int', [term])])
  const cast = (list: Term): Term =>
    type === 'text' ? list : apply(`listed ${type}`, 'int', [list])
  return [cast(plain), cast(stripped), apply(`array literal ${type}`, 'int', [term])]
}

/** What a scope of several units covers is read from a table. */
function noteTree({ subject, assumptions }: Encoding): void {
  const table = subject.model.orgUnits?.table
  if (!table) return
  const name = `${table.schema}.${table.name}`
  assumptions.add(`${name} decides which org units a scope covers`)
}
