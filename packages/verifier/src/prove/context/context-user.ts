import { castTo } from '../encode/cast.js'
import type { Encoding } from '../encode/encoding.js'
import { jsonSteps, jsonText } from '../encode/json.js'
import { settingValue } from '../encode/setting.js'
import type { SqlType, Value } from '../encode/value.js'
import { claimsOf } from './claims.js'

/** The user that the context names, as a value of a type; undefined where it names none. */
export function contextUser(encoding: Encoding, type: SqlType): Value | undefined {
  const source = userText(encoding)
  return source && castTo(encoding, source, type)
}

/** The user as the context has it: the text of a setting or of a claim in one, or a signed claim. */
export function userText(encoding: Encoding): Value | undefined {
  const { context } = encoding.subject.model
  notePlain(encoding)
  switch (context.kind) {
    case 'signed':
      return claimsOf(encoding).user
    case 'guc':
      return context.user === null ? undefined : settingValue(encoding, context.user)
    case 'jwt-claims':
      return context.user === null ? undefined : claimValue(encoding, context.guc, context.user)
    case 'membership': {
      const { guc, claim } = context.user
      return claim === null ? settingValue(encoding, guc) : claimValue(encoding, guc, claim)
    }
  }
}

/** What is assumed of a context that is not signed: whoever can set it can be anybody. */
export function notePlain({ subject, assumptions }: Encoding): void {
  const { kind } = subject.model.context
  if (kind === 'jwt-claims') assumptions.add('claims are verified before they are set')
  if (kind === 'guc' || kind === 'membership') {
    assumptions.add('SQL that runs as a runtime role does not set the context itself')
  }
}

/** The text at a JSON pointer (RFC 6901) into a setting. */
export function claimValue(
  encoding: Encoding,
  setting: string,
  pointer: string,
): Value | undefined {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (path.length === 0 || path.some((part) => /^-?\d+$/.test(part))) return undefined
  const claims = castTo(encoding, settingValue(encoding, setting), 'json')
  return jsonText(jsonSteps(claims, path))
}
