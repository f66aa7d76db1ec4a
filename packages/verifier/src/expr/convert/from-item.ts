import type { JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from 'libpg-query'
import type { Alias as RawAlias } from 'libpg-query'
import type { Alias, ColumnDefinition, FromItem, JoinItem } from '../ir/select.js'
import type { Converter } from './converter.js'
import { entryOf, raw, rawIf, required, stringsOf } from './node.js'
import { convertTypeName } from './type-name.js'
import { unmodelled } from './unmodelled.js'

/** An entry of FROM. Throws Unmodelled for samples, ROWS FROM, JSON_TABLE and XMLTABLE. */
export function convertFromItem(node: Node, to: Converter): FromItem {
  const table = rawIf(node, 'RangeVar')
  if (table !== undefined) return tableItem(table)
  const subselect = rawIf(node, 'RangeSubselect')
  if (subselect !== undefined) return subselectItem(subselect, to)
  const called = rawIf(node, 'RangeFunction')
  if (called !== undefined) return functionItem(called, to)
  const join = rawIf(node, 'JoinExpr')
  if (join !== undefined) return joinItem(join, to)
  return unmodelled(`a ${entryOf(node).kind} in FROM`)
}

function aliasOf(alias: RawAlias | undefined): Alias | null {
  if (alias === undefined) return null
  return { name: required(alias.aliasname), columns: stringsOf(alias.colnames) }
}

function tableItem(table: RangeVar): FromItem {
  if (table.catalogname !== undefined) return unmodelled('a table with a database before it')
  return {
    kind: 'table',
    schema: table.schemaname ?? null,
    name: required(table.relname),
    only: table.inh !== true,
    alias: aliasOf(table.alias),
    occurrence: null,
    cte: false,
  }
}

function subselectItem(item: RangeSubselect, to: Converter): FromItem {
  return {
    kind: 'subselect',
    select: to.select(raw(item.subquery, 'SelectStmt')),
    lateral: item.lateral ?? false,
    alias: aliasOf(item.alias),
    occurrence: null,
  }
}

function functionItem(item: RangeFunction, to: Converter): FromItem {
  const [only, ...others] = item.functions ?? []
  const [call, definitions] = raw(only, 'List').items ?? []
  if (item.is_rowsfrom === true || others.length > 0) return unmodelled('ROWS FROM')
  if (definitions !== undefined && Object.keys(definitions).length > 0) {
    return unmodelled('ROWS FROM with column definitions')
  }
  return {
    kind: 'function',
    call: to.expr(call),
    lateral: item.lateral ?? false,
    ordinality: item.ordinality ?? false,
    alias: aliasOf(item.alias),
    definitions: (item.coldeflist ?? []).map(columnDefinition),
    occurrence: null,
  }
}

function columnDefinition(node: Node): ColumnDefinition {
  const column = raw(node, 'ColumnDef')
  if (column.collClause !== undefined) return unmodelled('a collation in a column definition')
  return { name: required(column.colname), type: convertTypeName(required(column.typeName)) }
}

const joinTypes: Readonly<Record<string, JoinItem['type']>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
}

function joinItem(join: JoinExpr, to: Converter): FromItem {
  const type = joinTypes[required(join.jointype)] ?? unmodelled('a join')
  const natural = join.isNatural ?? false
  const using = stringsOf(join.usingClause)
  const bare = !natural && using.length === 0 && join.quals === undefined
  return {
    kind: 'join',
    type: type === 'inner' && bare ? 'cross' : type,
    natural,
    left: to.fromItem(required(join.larg)),
    right: to.fromItem(required(join.rarg)),
    on: to.optional(join.quals),
    using,
    usingAlias: join.join_using_alias?.aliasname ?? null,
    alias: aliasOf(join.alias),
  }
}
