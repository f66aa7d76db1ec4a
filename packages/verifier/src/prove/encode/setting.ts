import { falsity } from '../terms/term.js'
import { approximated, remembered } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Value } from './value.js'

/** The text of a setting, NULL when it was never set, `''` after a transaction that had set it. */
export function settingValue(encoding: Encoding, name: string): Value {
  // Names of settings do not differ in case (manual, section 20.1.1).
  return remembered(encoding, `setting ${name.toLowerCase()}`, () => ({
    type: 'text',
    term: encoding.constant(`setting ${name}`, 'int'),
    isNull: encoding.constant(`setting ${name} is not set`, 'bool'),
    fails: falsity,
  }))
}

/** `current_setting(name, missing_ok)`: an error for one never set, unless that is allowed. */
export function currentSetting(encoding: Encoding, args: readonly Value[]): Value {
  const [name, missing] = args
  if (name?.raw === undefined || args.length > 2) {
    return approximated(encoding, 'text', 'a setting whose name is not constant')
  }
  const value = settingValue(encoding, name.raw)
  if (missing === undefined || isConstant(missing, false)) {
    return { ...value, isNull: falsity, fails: value.isNull }
  }
  return isConstant(missing, true)
    ? value
    : approximated(encoding, 'text', 'current_setting() with a computed second argument')
}

function isConstant(value: Value, wanted: boolean): boolean {
  return (
    value.type === 'bool' &&
    value.isNull === falsity &&
    value.term.kind === 'truth' &&
    value.term.value === wanted
  )
}
