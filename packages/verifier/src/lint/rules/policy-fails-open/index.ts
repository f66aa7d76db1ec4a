import type { Policy } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { makesTenants } from '../../../graph/makes-tenants.js'
import { contextSettings } from '../../context-settings.js'
import { decidingExpression } from '../../deciding-expression.js'
import type { Clause } from '../../deciding-expression.js'
import { fixPredicate } from '../../fix-predicate.js'
import { evaluate } from '../../partial-evaluation.js'
import type { Surroundings } from '../../partial-evaluation.js'
import { listed, reachOf } from '../../reach.js'
import { readCondition } from '../../read-condition.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** What a connection without a context looks like (manual, section 9.28.1). */
const absences = [
  { value: null, said: 'when no context was ever set' },
  { value: '', said: 'when the context is empty, as a transaction leaves it behind' },
] as const

/** Absence of a context must deny; here it admits every row. */
export const policyFailsOpen: CatalogRule = {
  kind: 'catalog',
  id: 'policy-fails-open',
  title: 'A policy admits every row while there is no context.',
  check: (input) =>
    input.tables.tables.flatMap((table) =>
      input.tables.isProtected(table.name) && table.relation.rls.enabled
        ? table.relation.policies
            .filter((policy) => policy.permissive)
            .flatMap((policy) => findings(input, table, policy))
        : [],
    ),
}

interface Opening {
  readonly commands: Set<Command>
  readonly roles: Set<string>
  readonly said: string
}

function findings(input: LintInput, table: ClassifiedTable, policy: Policy): Finding[] {
  const open = new Map<Clause, Opening>()
  for (const { role, kind, commands } of reachOf(input, table.relation)) {
    // What strangers may see or send is for policies without a context to say.
    if (kind === 'public') continue
    for (const command of commands) {
      const applicable = input.access.policies(role, command, table.relation)
      if (!applicable.includes(policy) || (command === 'SELECT' && table.public !== null)) continue
      if (command === 'INSERT' && makesTenants(input.model, input.catalog, table)) continue
      for (const phase of ['USING', 'WITH CHECK'] as const) {
        const clause = decidingExpression(policy, command, phase)?.[0]
        const absence = absences.find(({ value }) =>
          admitsAll(input, table, policy, applicable, { command, phase, value }),
        )
        if (clause === undefined || absence === undefined) continue
        const entry = open.get(clause) ?? {
          commands: new Set(),
          roles: new Set(),
          said: absence.said,
        }
        entry.commands.add(command)
        entry.roles.add(role)
        open.set(clause, entry)
      }
    }
  }
  return [...open].map(([clause, opening]) => finding(input, table, policy, clause, opening))
}

interface Case {
  readonly command: Command
  readonly phase: Clause
  readonly value: string | null
}

/** True of every row under that absence, restrictive policies included, but not of every context. */
function admitsAll(
  input: LintInput,
  table: ClassifiedTable,
  policy: Policy,
  applicable: readonly Policy[],
  { command, phase, value }: Case,
): boolean {
  const columns = new Map(table.relation.columns.map(({ name, notNull }) => [name, notNull]))
  const settings = new Map(contextSettings(input.model).map((name) => [name, value]))
  const holds = (each: Policy, around: Surroundings): boolean => {
    const decision = decidingExpression(each, command, phase)
    if (decision === null) return !each.permissive
    const condition = readCondition(each, decision[1])
    if ('reason' in condition) return false
    const known = evaluate(condition.expr, around)
    return known.kind === 'constant' && known.value === true
  }
  const absent = { settings, columns }
  if (!holds(policy, absent) || holds(policy, { settings: new Map(), columns })) return false
  return applicable.every((other) => other.permissive || holds(other, absent))
}

function finding(
  input: LintInput,
  table: ClassifiedTable,
  policy: Policy,
  clause: Clause,
  { commands, roles, said }: Opening,
): Finding {
  const predicate = fixPredicate(input, table, [...roles])
  const target = qualifiedName(table.relation.schema, table.relation.name)
  const place = clause === 'USING' ? sql`using` : sql`with check`
  return makeFinding({
    rule: 'policy-fails-open',
    severity: 'error',
    object: table.name,
    detail: `${policy.name}:${clause === 'USING' ? 'using' : 'check'}`,
    message: `${clause} of policy ${policy.name} on ${table.name} is true of every row ${said}: ${listed([...roles])} can ${listed([...commands])} rows of every tenant.`,
    evidence: { policy: policy.name, clause, commands: [...commands], roles: [...roles] },
    ...(predicate === null
      ? { remedy: 'Have the condition be false or NULL while there is no context.' }
      : {
          fix: sql`alter policy ${ident(policy.name)} on ${target} ${place} (${predicate});`.text,
        }),
  })
}
