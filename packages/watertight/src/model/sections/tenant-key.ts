import { identifier } from '../names.js'
import { readFields } from '../parsing/fields.js'
import { text } from '../parsing/parser.js'
import type { Parser } from '../parsing/parser.js'
import type { TableName, TenantKey } from '../tenancy-model.js'
import { columnsByTable } from './columns-by-table.js'
import { defaultKeyType, keyType } from './key-type.js'

export const defaultTenantColumn = 'tenant_id'

export const defaultTenantKey: TenantKey = {
  column: defaultTenantColumn,
  type: defaultKeyType,
  table: null,
  activeWhere: null,
  columnByTable: {},
}

export function tenantKey(table: Parser<TableName>): Parser<TenantKey> {
  return (value, at) => {
    const fields = readFields(value, at, [
      'column',
      'type',
      'table',
      'activeWhere',
      'columnByTable',
    ])
    return {
      column: fields.optional('column', identifier) ?? defaultTenantColumn,
      type: fields.optional('type', keyType) ?? defaultKeyType,
      table: fields.optional('table', table) ?? null,
      activeWhere: fields.optional('activeWhere', text) ?? null,
      columnByTable: fields.optional('columnByTable', columnsByTable(table)) ?? {},
    }
  }
}

export const userKey: Parser<{ readonly type: TenantKey['type'] }> = (value, at) => ({
  type: readFields(value, at, ['type']).optional('type', keyType) ?? defaultKeyType,
})
