import { WatertightError } from '../errors/index.js'
import type { Command, ContextSource } from '../model/index.js'
import { claimsIn } from './claims.js'
import { conjunctsOf, operandsOf } from './conjuncts.js'
import type { PolicyVerdict, TermVerdict } from './explanation.js'
import type { PolicyFacts } from './policy-facts.js'

/** One thing that the server asks of a row. */
export interface Stage {
  /** Policies of this command decide. */
  readonly command: Command
  readonly clause: 'USING' | 'WITH CHECK'
  readonly row: 'stored' | 'new'
  readonly verdicts: readonly PolicyVerdict[]
}

/** Whether an expression of a policy holds, as text of a boolean; throws what the server says. */
export type Evaluate = (expression: string) => Promise<string | null>

/** What the server asks of the rows of a statement, in its order. */
export function stagesOf(
  command: Command,
  readsNewRow: boolean,
): readonly Omit<Stage, 'verdicts'>[] {
  const visible = { command: 'SELECT', clause: 'USING', row: 'stored' } as const
  // The SELECT policies must hold for the new row of a statement that has a WHERE or RETURNING.
  const readable = { command: 'SELECT', clause: 'USING', row: 'new' } as const
  switch (command) {
    case 'SELECT':
      return [visible]
    case 'DELETE':
      return [visible, { command, clause: 'USING', row: 'stored' }]
    case 'UPDATE':
      return [
        visible,
        { command, clause: 'USING', row: 'stored' },
        { command, clause: 'WITH CHECK', row: 'new' },
        readable,
      ]
    case 'INSERT': {
      const checked = { command, clause: 'WITH CHECK', row: 'new' } as const
      return readsNewRow ? [checked, readable] : [checked]
    }
  }
}

/** Whether a policy counts for a command. */
export function appliesTo(policy: PolicyFacts, command: Command): boolean {
  return policy.command === 'ALL' || policy.command === command
}

/**
 * Asks every policy that applies to a stage; without a row none is evaluated.
 *
 * @param allTerms also of policies that hold, and down to single tests
 */
export async function judgeStage(
  stage: Omit<Stage, 'verdicts'>,
  policies: readonly PolicyFacts[],
  source: ContextSource,
  evaluate: Evaluate | null,
  unevaluated: string,
  allTerms = false,
): Promise<Stage> {
  const verdicts: PolicyVerdict[] = []
  for (const policy of policies) {
    if (!appliesTo(policy, stage.command)) continue
    const check = stage.clause === 'WITH CHECK' ? policy.withCheck : null
    const expression = check ?? policy.using
    // A policy without the clause asks nothing.
    if (expression === null) continue
    const claims = claimsIn(expression, policy, source).map(({ name }) => name)
    const shape = {
      name: policy.name,
      command: policy.command,
      permissive: policy.permissive,
      clause: stage.clause,
      row: stage.row,
      expression,
      claims,
    }
    const answer = evaluate === null ? unknown(unevaluated) : await judge(expression, evaluate)
    const terms =
      evaluate !== null && (allTerms ? answer.verdict !== null : answer.verdict === false)
        ? await judgeTerms(conjunctsOf(expression), { policy, source, evaluate, allTerms })
        : []
    verdicts.push({ ...shape, ...answer, terms })
  }
  return { ...stage, verdicts }
}

interface Answer {
  readonly verdict: boolean | null
  readonly note: string | null
}

function unknown(note: string): Answer {
  return { verdict: null, note }
}

async function judge(expression: string, evaluate: Evaluate): Promise<Answer> {
  try {
    // NULL is not true, so the row is refused.
    return { verdict: (await evaluate(expression)) === 'true', note: null }
  } catch (error) {
    if (!(error instanceof WatertightError) || error.sqlState === undefined) throw error
    return unknown(`the server cannot evaluate the policy (SQLSTATE ${error.sqlState})`)
  }
}

interface Judging {
  readonly policy: PolicyFacts
  readonly source: ContextSource
  readonly evaluate: Evaluate
  readonly allTerms: boolean
}

async function judgeTerms(
  expressions: readonly string[],
  judging: Judging,
): Promise<readonly TermVerdict[]> {
  const terms: TermVerdict[] = []
  for (const expression of expressions) {
    const { verdict } = await judge(expression, judging.evaluate)
    const claims = claimsIn(expression, judging.policy, judging.source).map(({ name }) => name)
    const { operator, operands } = operandsOf(expression)
    const isWhole = !judging.allTerms || operator === null
    terms.push({
      expression,
      verdict,
      claims,
      operator: isWhole ? null : operator,
      terms: isWhole ? [] : await judgeTerms(operands, judging),
    })
  }
  return terms
}

/** How the policies of a stage add up: one permissive and every restrictive one must hold. */
export function standingOf({ verdicts }: Stage): 'holds' | 'fails' | 'unknown' | 'no-policy' {
  const permissive = verdicts.filter((policy) => policy.permissive)
  if (permissive.length === 0) return 'no-policy'
  const restrictive = verdicts.filter((policy) => !policy.permissive)
  const open = permissive.some(({ verdict }) => verdict === true)
  const shut = restrictive.some(({ verdict }) => verdict === false)
  if (shut || permissive.every(({ verdict }) => verdict === false)) return 'fails'
  return open && restrictive.every(({ verdict }) => verdict === true) ? 'holds' : 'unknown'
}

/** The policy that refuses: a restrictive one first, for it refuses alone. */
export function culpritOf({ verdicts }: Stage, verdict: false | null): PolicyVerdict | null {
  const suspects = verdicts.filter((policy) => policy.verdict === verdict)
  return suspects.find((policy) => !policy.permissive) ?? suspects[0] ?? null
}
