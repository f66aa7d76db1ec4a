import { denialReasons } from 'watertight/explain'
import type {
  DenialExplanation,
  DenialReason,
  PolicyVerdict,
  TermVerdict,
} from 'watertight/explain'
import type { TenantContext } from 'watertight/runtime'
import type { z } from 'zod'
import type { explainReply, explainVerdict } from './explain-schema.js'
import type { ExplainedTable } from './explained-tables.js'

type Reply = z.input<typeof explainReply>
type Verdict = z.infer<typeof explainVerdict>
type Clause = Reply['policies'][number]['clauses'][number]

/** What goes into an answer. */
export interface Explained {
  readonly explanation: DenialExplanation
  readonly table: ExplainedTable
  readonly command: Reply['command']
  readonly kind: Reply['context']['kind']
  readonly context: TenantContext | null
  /** Of the row as the caller reads it; undefined when they do not see it. */
  readonly values: Readonly<Record<string, string | null>> | undefined
}

/** The answer as a reply. It holds no id of the row that was asked about. */
export function shownExplanation(explained: Explained): Reply {
  const { explanation, table, command, kind, context, values } = explained
  const columns = Object.keys(values ?? {})
  const policies = explanation.policies.map((policy) => ({
    name: policy.name,
    permissive: policy.permissive,
    command: policy.command,
    clause: policy.clause,
    row: policy.row,
    holds: policy.verdict,
    expression: policy.expression,
    note: policy.note,
    isDeciding: policy.name === explanation.policy && policy.verdict === false,
    clauses: clausesOf(policy, columns),
  }))
  const named = new Set(policies.flatMap(({ clauses }) => clauses.flatMap((each) => each.columns)))
  return {
    table: `${table.schema}.${table.table}`,
    scope: table.scope,
    command,
    context: {
      kind,
      mode: context?.mode ?? null,
      role: explanation.role,
      userId: context?.userId ?? null,
      orgScope: context?.orgScope ?? null,
      orgUnitId: context?.orgUnitId ?? null,
    },
    verdict: verdictOf(explanation),
    reason: explanation.reason,
    message: denialReasons[explanation.reason],
    policy: explanation.policy,
    claim: explanation.claim,
    policies,
    isVisibleToCaller: values !== undefined,
    values: Object.fromEntries(
      Object.entries(values ?? {}).filter(([column]) => named.has(column)),
    ),
    change: changeOf(explained),
  }
}

const withoutPrivilege: ReadonlySet<DenialReason> = new Set<DenialReason>([
  'missing-schema-usage',
  'missing-table-grant',
  'missing-column-grant',
  'missing-sequence-grant',
  'missing-policy-grant',
  'append-only',
])
const withoutContext: ReadonlySet<DenialReason> = new Set<DenialReason>([
  'context-required',
  'context-expired',
  'context-refused',
  'claim-absent',
  'signing-key-unknown',
  'signing-key-retired',
  'signature-wrong',
  'role-not-configured',
])

function verdictOf({ outcome, reason, rowSecurity, policy, policies }: DenialExplanation): Verdict {
  if (outcome === 'allowed') return rowSecurity === false ? 'rls-bypassed' : 'allowed'
  if (withoutPrivilege.has(reason)) return 'no-privilege'
  if (withoutContext.has(reason)) return 'context-missing'
  if (reason === 'row-not-found' || reason === 'row-not-found-or-hidden') return 'filtered'
  if (reason === 'undetermined') return 'undetermined'
  const deciding = policies.find(({ name }) => name === policy)
  return deciding?.permissive === false ? 'restrictive-policy' : 'no-permissive-policy'
}

function clausesOf(policy: PolicyVerdict, columns: readonly string[]): Clause[] {
  const clauses: Clause[] = []
  const add = (terms: readonly TermVerdict[], parent: number | null): void => {
    for (const { expression, verdict, claims, operator, terms: operands } of terms) {
      const id = clauses.length + 1
      const read = columnsIn(expression, columns)
      clauses.push({
        id,
        parent,
        operator,
        expression,
        holds: verdict,
        claims: [...claims],
        columns: [...read],
      })
      add(operands, id)
    }
  }
  add(policy.terms, null)
  return clauses
}

/** Columns that an expression names; those of tables that it reads may be called the same. */
function columnsIn(expression: string, columns: readonly string[]): readonly string[] {
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''")
  const words = new Set(bare.match(/[a-z_][a-z0-9_$]*/gi))
  return columns.filter((name) => words.has(name))
}

/** In words, with what the caller may know of the row. */
function changeOf({ explanation, values }: Explained): string | null {
  const { reason, claim, hint } = explanation
  const unit = values?.['org_unit_id'] ?? null
  const owner = values?.['user_id'] ?? null
  if (reason === 'outside-org-scope' && unit !== null) {
    return `Give them a place in the org unit ${unit}, or with subtree scope in one above it.`
  }
  if (reason === 'other-user' && owner !== null) return `Only the user ${owner} reaches the row.`
  if (reason === 'missing-capability' && claim !== null) return `Give them the ${claim}.`
  return hint
}
