import type { Command } from '../model/index.js'
import { formatTableName } from '../model/index.js'
import type { DenialReason } from './denial-reasons.js'
import { appliesTo, stagesOf } from './evaluate-policies.js'
import type { Question } from './question.js'
import { fault } from './question.js'
import type { ColumnFacts, TableFacts } from './table-facts.js'

/** A privilege that the statement needs and the role does not have. */
export interface MissingGrant {
  readonly reason: DenialReason
  readonly privilege: string
  /** Columns (or what else) that lack it; empty when the whole table does. */
  readonly columns: readonly string[]
}

interface Need {
  readonly privilege: Command
  /** Null: every column. Empty: the table, or any column of it. */
  readonly columns: readonly string[] | null
  readonly returning?: true
}

/**
 * The first privilege that is missing, in the order of PostgreSQL: schema, then table and columns.
 *
 * @throws INVALID_INPUT when the question names a column that does not exist.
 */
export function missingGrant(question: Question, facts: TableFacts): MissingGrant | null {
  requireColumns(question, facts)
  if (!facts.schemaUsage) return { reason: 'missing-schema-usage', privilege: 'USAGE', columns: [] }
  for (const need of needsOf(question, facts)) {
    const missing = lackOf(need, facts)
    if (missing !== null) return missing
  }
  const sequence = question.command === 'INSERT' ? missingSequence(question, facts) : null
  return sequence ?? missingForPolicies(question, facts)
}

/** Whoever runs a statement needs the privileges for what the policies read and call, too. */
function missingForPolicies(question: Question, facts: TableFacts): MissingGrant | null {
  if (!facts.rowSecurity) return null
  const reason = 'missing-policy-grant'
  const stages = stagesOf(question.command, question.returning?.length !== 0)
  for (const policy of facts.policies) {
    if (!stages.some((stage) => appliesTo(policy, stage.command))) continue
    const table = policy.relations.find(({ readable }) => !readable)
    if (table !== undefined)
      return { reason, privilege: 'SELECT', columns: [formatTableName(table)] }
    const called = policy.functions.find(({ executable }) => !executable)
    if (called !== undefined) {
      return { reason, privilege: 'EXECUTE', columns: [`${formatTableName(called)}()`] }
    }
  }
  return null
}

function needsOf(question: Question, facts: TableFacts): readonly Need[] {
  const { command, columns, values, returning } = question
  const key = question.key?.kind === 'columns' ? [...question.key.columns.keys()] : facts.primaryKey
  const returned: Need[] =
    returning?.length === 0
      ? []
      : [{ privilege: 'SELECT', columns: returning ?? null, returning: true }]
  switch (command) {
    case 'SELECT':
      return [{ privilege: 'SELECT', columns }]
    case 'INSERT':
      return [{ privilege: 'INSERT', columns: [...values.keys()] }, ...returned]
    case 'UPDATE':
      return [
        { privilege: 'UPDATE', columns: [...values.keys()] },
        { privilege: 'SELECT', columns: columns ?? key },
        ...returned,
      ]
    case 'DELETE':
      return [
        { privilege: 'DELETE', columns: [] },
        { privilege: 'SELECT', columns: columns ?? key },
        ...returned,
      ]
  }
}

function lackOf(need: Need, facts: TableFacts): MissingGrant | null {
  const { privilege } = need
  if (facts.may.includes(privilege)) return null
  const has = (column: ColumnFacts): boolean => column.may.includes(privilege)
  const none = !facts.columns.some(has)
  const returning = need.returning === true ? 'returning-needs-select' : null
  if (none) {
    const frozen = facts.appendOnly && (privilege === 'UPDATE' || privilege === 'DELETE')
    const reason = returning ?? (frozen ? 'append-only' : 'missing-table-grant')
    return { reason, privilege, columns: [] }
  }
  const wanted = need.columns
  const columns = facts.columns
    .filter((column) => (wanted === null || wanted.includes(column.name)) && !has(column))
    .map(({ name }) => name)
  if (columns.length === 0) return null
  return { reason: returning ?? 'missing-column-grant', privilege, columns }
}

function missingSequence({ values }: Question, facts: TableFacts): MissingGrant | null {
  const column = facts.columns.find((item) => item.sequenceDenied && !values.has(item.name))
  if (column === undefined) return null
  return { reason: 'missing-sequence-grant', privilege: 'USAGE', columns: [column.name] }
}

function requireColumns(question: Question, { columns }: TableFacts): void {
  const known = new Set(columns.map(({ name }) => name))
  const named = [
    ...question.values.keys(),
    ...(question.columns ?? []),
    ...(question.returning ?? []),
    ...(question.key?.kind === 'columns' ? question.key.columns.keys() : []),
  ]
  const unknown = named.find((name) => !known.has(name))
  if (unknown !== undefined) throw fault(`there is no column ${JSON.stringify(unknown)}`)
}
