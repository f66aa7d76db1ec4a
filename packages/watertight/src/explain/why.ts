import { AsyncLocalStorage } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import type { ErrorCode } from '../errors/index.js'
import type { TableName } from '../model/index.js'
import { formatTableName } from '../model/index.js'
import { isTenantContext } from '../runtime/index.js'
import type { RunOptions, TenantContext, Transaction, TxManager } from '../runtime/index.js'

import { decide } from './decide.js'
import type { Decision } from './decide.js'
import type { DenialReason } from './denial-reasons.js'
import { requireDevelopment } from './development-only.js'
import { diagnose } from './diagnostic.js'
import type { Diagnosis } from './diagnostic.js'
import type { Evaluate, Stage } from './evaluate-policies.js'
import { judgeStage, stagesOf } from './evaluate-policies.js'
import type { DenialExplanation, TermVerdict } from './explanation.js'
import { hints } from './hints.js'
import { missingGrant } from './missing-grant.js'
import type { MissingGrant } from './missing-grant.js'
import { parseQuestion } from './question.js'
import type { Question, RowKey, WhyOptions } from './question.js'
import { onlyRowText, selectNew, selectStored, selectVerdict } from './row-text.js'
import { survey } from './survey.js'
import type { Survey } from './survey.js'
import type { TableFacts } from './table-facts.js'

/** `run` of a {@link TxManager}: all that asking takes. */
export type WhyManager = Pick<TxManager, 'run'>

// A hook that explains denials must not explain those of its own question.
const asking = new AsyncLocalStorage<true>()

// Asking needs a transaction of its own, also from inside one that has failed.
const outside = AsyncLocalStorage.snapshot()

/**
 * Explains, in development, why a statement under a context was refused (SQLSTATE 42501) or found
 * no row: which grant, policy and claim stood in the way. Policies are evaluated in the session of
 * the role itself, under its own context, in a read-only transaction that takes one more connection.
 *
 * About a row that the context cannot see nothing is told, not even that it exists, unless
 * `diagnostic` is given. That connection reads the row and evaluates nothing. With `asker` the answer
 * is for somebody who may see it: then it tells what that context sees of the row and no more, and
 * `why` runs in production too.
 *
 * @throws DEVELOPMENT_ONLY without an asker when NODE_ENV is production; INVALID_INPUT for a malformed question;
 * MISSING_PRIVILEGE when policies apply to the diagnostic connection; CONNECTION_FAILED.
 *
 * @example
 * ```ts
 * const answer = await why(tx, 'shop.orders', 1000, context, { diagnostic: pgDriver(migratorPool) })
 * // { outcome: 'hidden', reason: 'other-tenant', policy: 'watertight_member_guard', claim: 'tenant_id', … }
 * console.log(formatExplanation(answer))
 * ```
 */
export async function why(
  tx: WhyManager,
  table: string | TableName,
  id: RowKey,
  context: TenantContext | null | undefined,
  options: WhyOptions = {},
): Promise<DenialExplanation> {
  // SECURITY: only what the asker sees of the row is told, so nothing is kept for development.
  if (options.asker === undefined) requireDevelopment('why()')
  const question = parseQuestion(table, id, options)
  const known = isTenantContext(context) ? context : null
  if (asking.getStore() === true) {
    const own: Decision = {
      outcome: 'undecided',
      reason: 'undetermined',
      policy: null,
      claim: null,
    }
    return explanation(question, known, null, [], own)
  }
  try {
    return await outside(() =>
      asking.run(true, async () => {
        const shown = await shownToAsker(tx, question, known)
        return tx.run(
          context as TenantContext,
          (handle) => explain(tx, handle, question, shown),
          readOnly,
        )
      }),
    )
  } catch (error) {
    const reason = error instanceof WatertightError ? unsent[error.code] : undefined
    if (reason === undefined) throw error
    const decision: Decision = { outcome: 'not-sent', reason, policy: null, claim: null }
    return explanation(question, known, null, [], decision)
  }
}

const readOnly: RunOptions = { readOnly: true }

/** What the asker sees of the row. `same`: they are who the statement runs as, or there is none. */
type Shown = 'same' | { readonly row: string | null }

/** Reads the row under the context of the asker, in a transaction that ends before the next begins. */
async function shownToAsker(
  tx: WhyManager,
  question: Question,
  context: TenantContext | null,
): Promise<Shown> {
  const { asker } = question
  if (asker === null || asker === context || context === null) return 'same'
  return tx.run(
    asker,
    async (handle) => {
      const found = await survey(handle, { ...question, command: 'SELECT' })
      if (missingGrant({ ...question, command: 'SELECT' }, found.facts) !== null) return unseen
      return { row: (await seen(handle, question, found))?.text ?? null }
    },
    readOnly,
  )
}

const unseen: Shown = { row: null }

/** Errors of the runtime before any SQL. */
const unsent: { readonly [code in ErrorCode]?: DenialReason } = {
  CONTEXT_REQUIRED: 'context-required',
  INVALID_CONTEXT: 'context-required',
  CONTEXT_EXPIRED: 'context-expired',
  ROLE_NOT_CONFIGURED: 'role-not-configured',
}

async function explain(
  tx: WhyManager,
  handle: Transaction,
  question: Question,
  shown: Shown,
): Promise<DenialExplanation> {
  const { context } = handle
  const found = await survey(handle, question)
  const { facts } = found
  const missing = missingGrant(question, facts)
  if (missing !== null) {
    const { reason } = missing
    const decision: Decision = { outcome: 'refused', reason, policy: null, claim: null }
    const hint = grantHint(missing)
    return explanation(question, context, facts, [], decision, hint)
  }
  // INVARIANT: a failed statement of the question's making ends a savepoint, not the transaction.
  const attempt = async (text: string, values: readonly unknown[]): Promise<string | null> => {
    const { rows } = await tx.run(context, (inner) =>
      inner.query<{ row?: string | null; verdict?: string | null }>(text, values),
    )
    return rows[0]?.row ?? rows[0]?.verdict ?? null
  }
  const own = await seen(handle, question, found)
  // SECURITY: what the context sees and the asker does not is not there, for the asker.
  const visible = shown === 'same' || shown.row !== null ? own : null
  const { diagnostic } = question
  const token = { database: found.database, kid: facts.kernel.includes('mode') ? found.kid : null }
  const diagnosis =
    diagnostic === null ? diagnosisOf(shown) : await diagnose(diagnostic, question, facts, token)
  const stored = visible?.text ?? diagnosis?.row ?? null
  const stages = await judge(question, found, stored, attempt)
  const isVisible = question.key === null ? null : visible !== null
  const decision = decide({ question, survey: found, stages, visible: isVisible, diagnosis })
  return explanation(question, context, facts, stages, decision)
}

/** A row that the asker sees is there; of another one nothing is known. */
function diagnosisOf(shown: Shown): Diagnosis | null {
  return shown === 'same' || shown.row === null ? null : { row: shown.row, keyState: null }
}

/** The row as the role itself sees it. */
async function seen(
  handle: Transaction,
  question: Question,
  { facts }: Survey,
): Promise<{ readonly text: string | null } | null> {
  if (question.key === null) return null
  const whole = facts.columns.every(({ may }) => may.includes('SELECT'))
  const { text, values } = selectStored(question, facts, whole)
  const { rows } = await handle.query<{ row: string | null }>(text, values)
  return onlyRowText(rows)
}

type Attempt = (text: string, values: readonly unknown[]) => Promise<string | null>

async function judge(
  question: Question,
  { facts }: Survey,
  stored: string | null,
  attempt: Attempt,
): Promise<readonly Stage[]> {
  if (!facts.rowSecurity) return []
  const evaluator = (row: string | null): Evaluate | null => {
    if (row === null) return null
    return (expression) => {
      const { text, values } = selectVerdict(question, expression, row)
      return attempt(text, values)
    }
  }
  const isChanged = question.command === 'INSERT' || stored !== null
  const next = isChanged ? await newRow(question, facts, stored, attempt) : null
  const stages: Stage[] = []
  for (const stage of stagesOf(question.command, question.returning?.length !== 0)) {
    const evaluate = evaluator(stage.row === 'stored' ? stored : next)
    const note =
      stage.row === 'stored'
        ? 'not evaluated: the context does not read the whole row'
        : 'not evaluated: the new row cannot be put together from the values given'
    const allTerms = question.asker !== null
    stages.push(await judgeStage(stage, facts.policies, question.source, evaluate, note, allTerms))
  }
  return stages
}

async function newRow(
  question: Question,
  facts: Survey['facts'],
  stored: string | null,
  attempt: Attempt,
): Promise<string | null> {
  if (question.command !== 'INSERT' && question.command !== 'UPDATE') return null
  const { text, values } = selectNew(question, facts, stored)
  try {
    return await attempt(text, values)
  } catch (error) {
    // Values that do not fit their columns fail in the statement too, for another reason than access.
    if (error instanceof WatertightError && error.code === 'STATEMENT_FAILED') return null
    throw error
  }
}

function grantHint({ reason, privilege, columns }: MissingGrant): string {
  const on = columns.length === 0 ? '' : ` on ${columns.join(', ')}`
  return `Missing: ${privilege}${on}. ${hints[reason] ?? ''}`
}

function explanation(
  question: Question,
  context: TenantContext | null,
  facts: Pick<TableFacts, 'role' | 'rowSecurity'> | null,
  stages: readonly Stage[],
  decision: Decision,
  hint: string | null = hints[decision.reason],
): DenialExplanation {
  const policies = stages.flatMap(({ verdicts }) => verdicts)
  for (const policy of policies) {
    freezeTerms(policy.terms)
    Object.freeze(policy)
  }
  return Object.freeze({
    kind: 'denial',
    outcome: decision.outcome,
    role: facts?.role ?? null,
    mode: context?.mode ?? null,
    command: question.command,
    rowSecurity: facts?.rowSecurity ?? null,
    table: formatTableName(question.table),
    policies: Object.freeze(policies),
    policy: decision.policy?.name ?? null,
    claim: decision.claim,
    reason: decision.reason,
    hint,
  })
}

function freezeTerms(terms: readonly TermVerdict[]): void {
  for (const term of terms) freezeTerms(Object.freeze(term).terms)
  Object.freeze(terms)
}
