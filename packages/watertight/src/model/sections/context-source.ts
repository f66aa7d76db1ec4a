import { identifier, jsonPointer, settingName } from '../names.js'
import { Fields, readEntries, readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import { oneOf, text } from '../parsing/parser.js'
import type { ContextSource, MembershipContext, TableName } from '../tenancy-model.js'

export const signedContext: ContextSource = { kind: 'signed' }

const kinds = ['signed', 'guc', 'jwt-claims', 'membership'] as const

/** What a faulty declaration is replaced by, so that parsing can go on to the next problem. */
const missing = 'missing.setting'

function guc(entries: ReadonlyMap<string, unknown>, at: Fields['at']): ContextSource {
  const fields = new Fields(entries, at, ['kind', 'tenant', 'user', 'orgUnits', 'orgScope'])
  return {
    kind: 'guc',
    tenant: fields.required('tenant', settingName) ?? missing,
    user: fields.optional('user', settingName) ?? null,
    orgUnits: fields.optional('orgUnits', settingName) ?? null,
    orgScope: fields.optional('orgScope', settingName) ?? null,
  }
}

function jwtClaims(entries: ReadonlyMap<string, unknown>, at: Fields['at']): ContextSource {
  const fields = new Fields(entries, at, ['kind', 'guc', 'tenant', 'user'])
  return {
    kind: 'jwt-claims',
    guc: fields.required('guc', settingName) ?? missing,
    tenant: fields.required('tenant', jsonPointer) ?? missing,
    user: fields.optional('user', jsonPointer) ?? null,
  }
}

const membershipUser: Parser<MembershipContext['user']> = (value, at) => {
  const fields = readFields(value, at, ['guc', 'claim'])
  return {
    guc: fields.required('guc', settingName) ?? missing,
    claim: fields.optional('claim', jsonPointer) ?? null,
  }
}

function membershipVia(table: Parser<TableName>): Parser<MembershipContext['via']> {
  return (value, at) => {
    const fields = readFields(value, at, ['table', 'user', 'tenant', 'where'])
    return {
      table: fields.required('table', table) ?? { schema: 'missing', name: 'missing' },
      user: fields.required('user', identifier) ?? missing,
      tenant: fields.required('tenant', identifier) ?? missing,
      where: fields.optional('where', text) ?? null,
    }
  }
}

/** Where the tenant context of a transaction is found by SQL. */
export function contextSource(table: Parser<TableName>): Parser<ContextSource> {
  return (value, at) => {
    const entries = readEntries(value, at)
    if (entries === undefined) return undefined
    const kind = oneOf(kinds)(entries.get('kind'), at.key('kind'))
    switch (kind) {
      case undefined:
        return undefined
      case 'signed':
        void new Fields(entries, at, ['kind'])
        return signedContext
      case 'guc':
        return guc(entries, at)
      case 'jwt-claims':
        return jwtClaims(entries, at)
      case 'membership': {
        const fields = new Fields(entries, at, ['kind', 'user', 'via', 'owner'])
        const user = fields.required('user', membershipUser)
        const via = fields.required('via', membershipVia(table))
        const owner = fields.optional('owner', identifier) ?? null
        return user === undefined || via === undefined ? undefined : { kind, user, via, owner }
      }
    }
  }
}
