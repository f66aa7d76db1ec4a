import type { MembershipContext } from 'watertight/model'
import { castTo } from '../encode/cast.js'
import { compare } from '../encode/compare.js'
import { relationNamed } from '../encode/encoding.js'
import type { Encoding } from '../encode/encoding.js'
import { jsonSteps, jsonText } from '../encode/json.js'
import { encodeOn } from '../encode/policies.js'
import { columnOf } from '../encode/row.js'
import { settingValue } from '../encode/setting.js'
import { isTrue, nullValue } from '../encode/value.js'
import type { SqlType, Value } from '../encode/value.js'
import { and, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'

/**
 * Whether a tenant is one of the context's. Call it last: a membership context knows only the
 * memberships that the obligation speaks about, which leaves out nothing that would excuse a row.
 */
export function isOwnTenant(encoding: Encoding, tenant: Value, role: string): Term | undefined {
  const { context } = encoding.subject.model
  switch (context.kind) {
    case 'guc':
      encoding.assumptions.add('SQL that runs as a runtime role does not set the context itself')
      return isValue(encoding, settingValue(encoding, context.tenant), tenant)
    case 'jwt-claims': {
      encoding.assumptions.add('claims are verified before they are set')
      const claim = claimValue(encoding, context.guc, context.tenant)
      return claim && isValue(encoding, claim, tenant)
    }
    case 'membership':
      return isMember(encoding, context, tenant, role)
    case 'signed': {
      const value = encoding.subject.kernel.value(encoding, 'tenant_id', [])
      return value && isValue(encoding, value, tenant)
    }
  }
}

function isValue(encoding: Encoding, source: Value, wanted: Value): Term {
  if (wanted.type === 'text') {
    encoding.assumptions.add(
      'no key of the context is the empty text, which is left behind by a transaction that had a context',
    )
  }
  return isTrue(compare(encoding, '=', castTo(encoding, source, wanted.type), wanted))
}

function isMember(
  encoding: Encoding,
  { via }: MembershipContext,
  tenant: Value,
  role: string,
): Term | undefined {
  encoding.assumptions.add('SQL that runs as a runtime role does not set the context itself')
  const relation = relationNamed(encoding.subject, via.table.schema, via.table.name)
  if (relation === undefined) return undefined
  const members = encoding.rows.filter((row) => row.relation === relation && row.stored)
  return or(
    ...members.map((row) => {
      const [member, of] = [columnOf(encoding, row, via.user), columnOf(encoding, row, via.tenant)]
      if (member === undefined || of === undefined) return { kind: 'truth', value: false } as const
      const caller = contextUser(encoding, member.type) ?? nullValue
      const where = via.where === null ? truth : isTrue(encodeOn(encoding, row, role, via.where))
      return and(
        isTrue(compare(encoding, '=', member, caller)),
        isTrue(compare(encoding, '=', of, tenant)),
        where,
      )
    }),
  )
}

/** The user that the context names, as a value of a type; undefined where it names none. */
export function contextUser(encoding: Encoding, type: SqlType): Value | undefined {
  const { context } = encoding.subject.model
  const source =
    context.kind === 'guc' && context.user !== null
      ? settingValue(encoding, context.user)
      : context.kind === 'jwt-claims' && context.user !== null
        ? claimValue(encoding, context.guc, context.user)
        : context.kind === 'membership'
          ? context.user.claim === null
            ? settingValue(encoding, context.user.guc)
            : claimValue(encoding, context.user.guc, context.user.claim)
          : context.kind === 'signed'
            ? encoding.subject.kernel.value(encoding, 'user_id', [])
            : undefined
  return source && castTo(encoding, source, type)
}

/** The text at a JSON pointer (RFC 6901) into a setting. */
function claimValue(encoding: Encoding, setting: string, pointer: string): Value | undefined {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (path.length === 0 || path.some((part) => /^-?\d+$/.test(part))) return undefined
  const claims = castTo(encoding, settingValue(encoding, setting), 'json')
  return jsonText(jsonSteps(claims, path))
}
