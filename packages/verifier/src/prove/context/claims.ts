import { columnType } from '../encode/sql-type.js'
import { remembered } from '../encode/encoding.js'
import type { Encoding } from '../encode/encoding.js'
import { present } from '../encode/value.js'
import type { SqlType, Value } from '../encode/value.js'
import { and, eq, falsity, implies, not, or, text } from '../terms/term.js'
import type { Term } from '../terms/term.js'

/** The modes that a context can have. */
const modes = ['member', 'worker', 'auditor', 'platform', 'public'] as const
export type Mode = (typeof modes)[number]

/** The claims of the signed context that a statement runs under; all NULL without a valid one. */
export interface Claims {
  readonly mode: Value
  readonly tenant: Value
  readonly user: Value
  /** The array of org units that the scope covers. */
  readonly units: Value
  /** The instant at which the database looks at the clock. */
  readonly clock: Value
}

/**
 * The claims as free values: a token that verifies holds what the application server signed, and
 * anything else (none, `''`, malformed, forged, expired) is no context at all.
 */
export function claimsOf(encoding: Encoding): Claims {
  const { tenantKey, userKey, orgUnits } = encoding.subject.model
  const mode = modeOf(encoding)
  const type = (name: string): SqlType => columnType(name, encoding.subject.catalog)
  encoding.assumptions.add(
    'signing keys are known to the application server and the owner role only',
  )
  encoding.assumptions.add('one context is in force for a whole statement')
  const claim = (name: string, of: SqlType): Value =>
    remembered(encoding, `claim ${name}`, () => ({
      type: of,
      term: encoding.constant(`claim ${name}`, 'int'),
      isNull: or(mode.isNull, encoding.constant(`claim ${name} is absent`, 'bool')),
      fails: falsity,
    }))
  return {
    mode,
    tenant: claim('tenant', type(tenantKey.type)),
    user: claim('user', type(userKey.type)),
    units: claim('org units', `array:${type(orgUnits?.type ?? 'uuid')}`),
    clock: remembered(encoding, 'clock_timestamp()', () =>
      present('time:timestamptz', encoding.constant('clock_timestamp()', 'int')),
    ),
  }
}

function modeOf(encoding: Encoding): Value {
  return remembered(encoding, 'claim mode', () => {
    const term = encoding.constant('claim mode', 'int')
    const isNull = encoding.constant('no valid context', 'bool')
    encoding.facts.push(implies(not(isNull), or(...modes.map((mode) => eq(term, text(mode))))))
    return { type: 'text', term, isNull, fails: falsity }
  })
}

/** There is a valid context, and it has one of the modes. */
export function isInMode({ mode }: Claims, ...wanted: readonly Mode[]): Term {
  return and(not(mode.isNull), or(...wanted.map((name) => eq(mode.term, text(name)))))
}
