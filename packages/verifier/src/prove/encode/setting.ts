import { claimTwinOf } from '../../graph/claim-twin.js'
import { and, eq, falsity, implies, not, text } from '../terms/term.js'
import { castTo } from './cast.js'
import { approximated, remembered } from './encoding.js'
import type { Encoding } from './encoding.js'
import { jsonStep, jsonText } from './json.js'
import { isPresent } from './value.js'
import type { Value } from './value.js'

/** The text of a setting, NULL when it was never set, `''` after a transaction that had set it. */
export function settingValue(encoding: Encoding, name: string): Value {
  // Names of settings do not differ in case (manual, section 20.1.1).
  return remembered(encoding, `setting ${name.toLowerCase()}`, () => {
    const value: Value = {
      type: 'text',
      term: encoding.constant(`setting ${name}`, 'int'),
      isNull: encoding.constant(`setting ${name} is not set`, 'bool'),
      fails: falsity,
    }
    const twin = claimTwin(encoding, name.toLowerCase())
    if (twin !== undefined) {
      const isSet = and(not(value.isNull), not(eq(value.term, text(''))))
      encoding.facts.push(implies(isSet, and(isPresent(twin), eq(value.term, twin.term))))
    }
    return value
  })
}

/** What the gateway that sets all claims sets beside them says the same. */
function claimTwin(encoding: Encoding, name: string): Value | undefined {
  const twin = claimTwinOf(encoding.subject.model, name)
  if (twin === null) return undefined
  encoding.assumptions.add(`where ${name} is set, it says the same as ${twin.claims}`)
  const all = settingValue(encoding, twin.claims)
  return twin.claim === null ? all : jsonText(jsonStep(castTo(encoding, all, 'json'), twin.claim))
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
