import type { Policy } from 'watertight/catalog'
import { orgColumnOf } from 'watertight/model'
import type { Command } from 'watertight/model'
import { contextFunctions } from '../../../expr/context-functions.js'
import { calledFunctions, hasSubselect, mentionsName } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { decidingExpression } from '../../deciding-expression.js'
import type { Clause } from '../../deciding-expression.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Permissive policies are OR-ed: one for the tenant and one for the org unit give the whole tenant. */
export const policyWidened: CatalogRule = {
  kind: 'catalog',
  id: 'policy-widened',
  title: 'A policy for the whole tenant undoes the one for the org unit.',
  check: (input) => {
    const context = contextFunctions(input.catalog.functions)
    return input.tables.tables.flatMap((table) => {
      const org = orgColumnOf(input.model, table.relation)
      if (table.scope !== 'org' || !table.relation.rls.enabled) return []
      return findings(input, table, org, context)
    })
  },
}

function findings(
  input: LintInput,
  table: ClassifiedTable,
  org: string,
  context: ReadonlySet<string>,
): Finding[] {
  const found = new Map<string, Finding>()
  for (const { role, kind, commands } of reachOf(input, table.relation)) {
    if (kind !== 'app' && kind !== 'public') continue
    for (const command of commands) {
      const applicable = input.access.policies(role, command, table.relation)
      for (const phase of ['USING', 'WITH CHECK'] as const) {
        const pair = widened(table, org, context, applicable, command, phase)
        if (pair === null) continue
        const [wide, narrow] = pair
        const finding = makeFinding({
          rule: 'policy-widened',
          severity: 'warning',
          object: table.name,
          detail: `${wide.name}:${narrow.name}`,
          message: `Policy ${wide.name} of ${table.name} admits every row of the tenant, so that ${narrow.name}, which looks at ${org}, takes nothing away: permissive policies are OR-ed.`,
          evidence: { policies: [wide.name, narrow.name], column: org },
          remedy: `Put both conditions into one policy, or make ${narrow.name} RESTRICTIVE.`,
        })
        found.set(finding.key, finding)
      }
    }
  }
  return [...found.values()]
}

function widened(
  table: ClassifiedTable,
  org: string,
  context: ReadonlySet<string>,
  applicable: readonly Policy[],
  command: Command,
  phase: Clause,
): readonly [Policy, Policy] | null {
  const tokens = (policy: Policy): readonly Token[] =>
    tokenize(decidingExpression(policy, command, phase)?.[1] ?? '')
  const looks = (policy: Policy): boolean =>
    mentionsName(tokens(policy), new Set([org, table.relation.name]))
  if (applicable.some((policy) => !policy.permissive && mayLimit(tokens(policy), looks(policy)))) {
    return null
  }
  const permissive = applicable.filter((policy) => policy.permissive)
  const wide = permissive.find((policy) => isTenantAlone(table, context, tokens(policy)))
  const narrow = permissive.find((policy) => policy !== wide && looks(policy))
  return wide === undefined || narrow === undefined ? null : [wide, narrow]
}

/** A restrictive policy that names the org unit, or asks somewhere that cannot be seen here. */
function mayLimit(tokens: readonly Token[], looks: boolean): boolean {
  return looks || hasSubselect(tokens)
}

const plain: ReadonlySet<string> = new Set(['current_setting', 'nullif'])

/** One comparison of the tenant column with the context, and nothing else of the row. */
function isTenantAlone(
  { relation, tenantColumn }: ClassifiedTable,
  context: ReadonlySet<string>,
  tokens: readonly Token[],
): boolean {
  if (tenantColumn === null) return false
  const columns = new Set(relation.columns.map(({ name }) => name))
  const named = tokens.filter(({ kind, text }) => kind === 'name' && columns.has(text))
  const words = new Set(tokens.map(({ text }) => text))
  const compares = tokens.filter(({ text }) => text === '=').length === 1
  return (
    named.length === 1 &&
    named[0]?.text === tenantColumn &&
    compares &&
    !['and', 'or', 'not', 'case', 'from', 'is'].some((word) => words.has(word)) &&
    calledFunctions(tokens).every((name) => plain.has(name) || context.has(name))
  )
}
