import type { Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { normalise, parseExpression, printExpression } from '../expr/index.js'
import type { PairSide } from './paired-encoding.js'
import { isGated } from './subject-rows.js'

/**
 * A text that is equal for two sides only if the command reaches the same rows on both: what the
 * policies say, in a normal form, and all that they rest on.
 */
export function definitionOf(
  { subject, dependencies }: PairSide,
  relation: Relation | null,
  role: string,
  command: Command,
): string {
  const isRole = subject.catalog.roles.some(({ name }) => name === role)
  if (relation === null || !isRole || !subject.access.can(role, command, relation)) return 'nothing'
  if (!isGated(subject, role, relation)) return 'everything'
  const applicable = policiesOf(relation, command).filter(
    ({ roles }) =>
      roles.length === 0 || roles.some((name) => subject.access.closure(role).inherited.has(name)),
  )
  const conditions = applicable.map((policy) => ({
    permissive: policy.permissive,
    using: command === 'INSERT' ? null : normalText(policy.using),
    check: storesRows(command) ? normalText(policy.withCheck ?? policy.using) : null,
  }))
  if (!conditions.some(({ permissive }) => permissive)) return 'nothing'
  const texts = [...new Set(conditions.map((part) => JSON.stringify(part)))].toSorted()
  const columns = relation.columns.map(({ name, type, collation }) => [name, type, collation])
  const rests = dependencies.digest(texts.join('\n'), role)
  return JSON.stringify([texts, rests === '' ? [] : columns, rests])
}

/** Policies that a command meets. */
function policiesOf(relation: Relation, command: Command): readonly Policy[] {
  return relation.policies.filter(
    (policy) => policy.command === 'ALL' || policy.command === command,
  )
}

function storesRows(command: Command): boolean {
  return command === 'INSERT' || command === 'UPDATE'
}

function normalText(text: string | null): string | null {
  if (text === null) return null
  try {
    return printExpression(normalise(parseExpression(text))).text
  } catch {
    return text
  }
}
