import { identifier } from '../names.js'
import { Fields, readEntries } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import type { AccessGrants, TableName } from '../tenancy-model.js'

export type GrantColumn = Exclude<keyof AccessGrants, 'table'>

/** Column names of the access grants table unless declared otherwise. */
export const defaultGrantColumns: Readonly<Record<GrantColumn, string>> = {
  idColumn: 'id',
  tenantColumn: 'tenant_id',
  granteeColumn: 'grantee_id',
  modeColumn: 'mode',
  canWriteColumn: 'can_write',
  startsAtColumn: 'starts_at',
  expiresAtColumn: 'expires_at',
  revokedAtColumn: 'revoked_at',
}

export const grantColumns: readonly GrantColumn[] = [
  'idColumn',
  'tenantColumn',
  'granteeColumn',
  'modeColumn',
  'canWriteColumn',
  'startsAtColumn',
  'expiresAtColumn',
  'revokedAtColumn',
]

export function accessGrants(table: Parser<TableName>): Parser<AccessGrants> {
  return (value, at) => {
    if (typeof value === 'string') {
      const name = table(value, at)
      return name === undefined ? undefined : { table: name, ...defaultGrantColumns }
    }
    const fields = new Fields(readEntries(value, at), at, ['table', ...grantColumns])
    const name = fields.required('table', table)
    const columns: Record<GrantColumn, string> = { ...defaultGrantColumns }
    const columnOf = new Map<string, GrantColumn>()
    for (const role of grantColumns) {
      columns[role] = fields.optional(role, identifier) ?? columns[role]
      const other = columnOf.get(columns[role])
      if (other === undefined) columnOf.set(columns[role], role)
      else at.key(role).report(`is the same column as ${other}`)
    }
    return name === undefined ? undefined : { table: name, ...columns }
  }
}
