import { identifier } from '../names.js'
import { readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import type { OrgUnits, TableName } from '../tenancy-model.js'
import { columnsByTable } from './columns-by-table.js'
import { defaultKeyType, keyType } from './key-type.js'

export const defaultOrgColumns = {
  column: 'org_unit_id',
  idColumn: 'id',
  parentColumn: 'parent_id',
} as const

/** `tenantColumn` is null until the tenant column of the units' table is known. */
export type OrgUnitsDraft = Omit<OrgUnits, 'tenantColumn'> & {
  readonly tenantColumn: string | null
}

export function orgUnits(table: Parser<TableName>): Parser<OrgUnitsDraft> {
  return (value, at) => {
    const fields = readFields(value, at, [
      'column',
      'type',
      'table',
      'idColumn',
      'parentColumn',
      'tenantColumn',
      'columnByTable',
    ])
    return {
      column: fields.optional('column', identifier) ?? defaultOrgColumns.column,
      type: fields.optional('type', keyType) ?? defaultKeyType,
      table: fields.optional('table', table) ?? null,
      idColumn: fields.optional('idColumn', identifier) ?? defaultOrgColumns.idColumn,
      parentColumn: fields.optional('parentColumn', identifier) ?? defaultOrgColumns.parentColumn,
      tenantColumn: fields.optional('tenantColumn', identifier) ?? null,
      columnByTable: fields.optional('columnByTable', columnsByTable(table)) ?? {},
    }
  }
}
