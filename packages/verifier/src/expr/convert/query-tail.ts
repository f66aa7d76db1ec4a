import type { LockClauseStrength, LockWaitPolicy, Node, SelectStmt } from 'libpg-query'
import type { CommonTable, Locking, QueryTail } from '../ir/select.js'
import type { Converter } from './converter.js'
import { raw, required, stringsOf } from './node.js'
import { convertSortKey } from './sort-key.js'
import { unmodelled } from './unmodelled.js'

/** What surrounds every form of query: common tables, order, limits and locks. */
export function convertTail(statement: SelectStmt, to: Converter): QueryTail {
  return {
    ctes: (statement.withClause?.ctes ?? []).map((node) => commonTable(node, to)),
    recursive: statement.withClause?.recursive ?? false,
    orderBy: (statement.sortClause ?? []).map((node) => convertSortKey(node, to)),
    limit: to.optional(statement.limitCount),
    offset: to.optional(statement.limitOffset),
    withTies: statement.limitOption === 'LIMIT_OPTION_WITH_TIES',
    locking: (statement.lockingClause ?? []).map(lockingOf),
  }
}

function commonTable(node: Node, to: Converter): CommonTable {
  const table = raw(node, 'CommonTableExpr')
  if (table.search_clause !== undefined) return unmodelled('a SEARCH clause')
  if (table.cycle_clause !== undefined) return unmodelled('a CYCLE clause')
  const query = required(table.ctequery)
  if (!('SelectStmt' in query)) return unmodelled('a WITH query that changes data')
  return {
    name: required(table.ctename),
    columns: stringsOf(table.aliascolnames),
    select: to.select(query.SelectStmt),
    materialized:
      table.ctematerialized === 'CTEMaterializeAlways'
        ? 'always'
        : table.ctematerialized === 'CTEMaterializeNever'
          ? 'never'
          : 'default',
  }
}

const strengths: Readonly<Record<Exclude<LockClauseStrength, 'LCS_NONE'>, Locking['strength']>> = {
  LCS_FORKEYSHARE: 'key-share',
  LCS_FORSHARE: 'share',
  LCS_FORNOKEYUPDATE: 'no-key-update',
  LCS_FORUPDATE: 'update',
}

const waits: Readonly<Record<LockWaitPolicy, Locking['wait']>> = {
  LockWaitBlock: 'block',
  LockWaitSkip: 'skip',
  LockWaitError: 'error',
}

function lockingOf(node: Node): Locking {
  const clause = raw(node, 'LockingClause')
  const strength = required(clause.strength)
  if (strength === 'LCS_NONE') return unmodelled('a locking clause')
  return {
    strength: strengths[strength],
    of: (clause.lockedRels ?? []).map((relation) => {
      const { schemaname, relname } = raw(relation, 'RangeVar')
      return schemaname === undefined ? required(relname) : unmodelled('a qualified locked name')
    }),
    wait: waits[clause.waitPolicy ?? 'LockWaitBlock'],
  }
}
