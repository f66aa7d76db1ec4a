import type { Policy } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { mayDependOnContext } from '../../../expr/depends-on-context.js'
import { isLiterallyFalse, isLiterallyTrue, mentionsName } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { makesTenants } from '../../../graph/makes-tenants.js'
import { decidingExpression } from '../../deciding-expression.js'
import type { Clause } from '../../deciding-expression.js'
import { fixPredicate } from '../../fix-predicate.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

interface OpenClause {
  readonly clause: Clause
  readonly commands: Command[]
  readonly roles: Set<string>
  /** The condition says the same about every row, but not to every context. */
  readonly rowIndependent: boolean
}

/** A permissive policy whose condition does not tell tenants apart. */
export const policyOpen: CatalogRule = {
  kind: 'catalog',
  id: 'policy-open',
  title: 'A permissive policy admits rows of every tenant.',
  check: (input) =>
    input.tables.tables.flatMap((table) =>
      input.tables.isProtected(table.name) && table.relation.rls.enabled
        ? table.relation.policies
            .filter((policy) => policy.permissive)
            .flatMap((policy) => openClauses(input, table, policy))
        : [],
    ),
}

function openClauses(input: LintInput, table: ClassifiedTable, policy: Policy): Finding[] {
  const open = new Map<string, OpenClause>()
  for (const { role, kind, commands } of reachOf(input, table.relation)) {
    for (const command of commands) {
      const applicable = input.access.policies(role, command, table.relation)
      if (!applicable.includes(policy)) continue
      if (command === 'SELECT' && table.public !== null) continue
      if (command === 'INSERT' && makesTenants(input.model, input.catalog, table)) continue
      for (const phase of ['USING', 'WITH CHECK'] as const) {
        const decision = decidingExpression(policy, command, phase)
        if (decision === null) continue
        if (command === 'UPDATE' && phase === 'WITH CHECK' && staysPut(input, table, role)) continue
        const verdict = judge(input, table, decision[1])
        if (verdict === 'bound') continue
        if (verdict === 'row-independent' && kind !== 'app') continue
        if (isGuarded(input, table, applicable, command, phase)) continue
        const rowIndependent = verdict === 'row-independent'
        const key = `${decision[0]} ${rowIndependent}`
        const entry = open.get(key) ?? {
          clause: decision[0],
          commands: [],
          roles: new Set<string>(),
          rowIndependent,
        }
        if (!entry.commands.includes(command)) entry.commands.push(command)
        entry.roles.add(role)
        open.set(key, entry)
      }
    }
  }
  return [...open.values()].map((entry) => finding(input, table, policy, entry))
}

function judge(
  input: LintInput,
  table: ClassifiedTable,
  expression: string,
): 'open' | 'row-independent' | 'bound' {
  if (isLiterallyFalse(expression)) return 'bound'
  if (isLiterallyTrue(expression)) return 'open'
  if (!mayDependOnContext(expression, input.catalog.functions)) return 'open'
  const columns = new Set(table.relation.columns.map((column) => column.name))
  const whole = new Set([...columns, table.relation.name])
  return mentionsName(tokenize(expression), whole) ? 'bound' : 'row-independent'
}

/** The role holds UPDATE on other columns only: what it changes keeps the tenant that USING asks for. */
function staysPut({ access }: LintInput, table: ClassifiedTable, role: string): boolean {
  const { relation, tenantColumn, through } = table
  const keys = tenantColumn === null ? (through?.columns ?? []) : [tenantColumn]
  // A trigger changes columns whatever the role was granted.
  if (keys.length === 0 || relation.triggers.some(({ enabled }) => enabled !== 'disabled'))
    return false
  const updatable = access.columns(role, 'UPDATE', relation)
  return !keys.some((key) => updatable.includes(key))
}

/** A restrictive policy that depends on the context is AND-ed to every permissive one. */
function isGuarded(
  input: LintInput,
  table: ClassifiedTable,
  applicable: readonly Policy[],
  command: Command,
  phase: Clause,
): boolean {
  return applicable.some((other) => {
    if (other.permissive) return false
    const decision = decidingExpression(other, command, phase)
    return decision !== null && judge(input, table, decision[1]) === 'bound'
  })
}

function finding(
  input: LintInput,
  table: ClassifiedTable,
  policy: Policy,
  open: OpenClause,
): Finding {
  const roles = [...open.roles]
  const predicate = fixPredicate(input, table, roles)
  const target = qualifiedName(table.relation.schema, table.relation.name)
  const clause = open.clause === 'USING' ? sql`using` : sql`with check`
  return makeFinding({
    rule: 'policy-open',
    severity: open.rowIndependent ? 'warning' : 'error',
    object: table.name,
    detail: `${policy.name}:${open.clause === 'USING' ? 'using' : 'check'}`,
    message: open.rowIndependent
      ? `${open.clause} of policy ${policy.name} on ${table.name} mentions no column of the row: when it holds, ${listed(roles)} reaches the rows of every tenant with ${listed(open.commands)}.`
      : `${open.clause} of policy ${policy.name} on ${table.name} does not depend on the tenant: ${listed(roles)} can ${listed(open.commands)} rows of every tenant.`,
    evidence: { policy: policy.name, clause: open.clause, commands: open.commands, roles },
    ...(predicate === null
      ? { remedy: 'Compare the tenant of the row with the context in the condition.' }
      : {
          fix: sql`alter policy ${ident(policy.name)} on ${target} ${clause} (${predicate});`.text,
        }),
  })
}
