import { quoteIdentifier } from '../sql/index.js'
import type { Diagnosis, KeyState } from './diagnostic.js'
import { claimsIn, kernelClaims } from './claims.js'
import type { ClaimKind } from './claims.js'
import type { DenialReason } from './denial-reasons.js'
import { culpritOf, standingOf } from './evaluate-policies.js'
import type { Stage } from './evaluate-policies.js'
import type { DenialOutcome, PolicyVerdict } from './explanation.js'
import type { Question } from './question.js'
import type { Survey } from './survey.js'

/** The answer, before it is put into words. */
export interface Decision {
  readonly outcome: DenialOutcome
  readonly reason: DenialReason
  readonly policy: PolicyVerdict | null
  readonly claim: string | null
}

/** What is known of the rows of the statement. */
export interface Evidence {
  readonly question: Question
  readonly survey: Survey
  readonly stages: readonly Stage[]
  /** Whether the role sees the row; null when there is none to see. */
  readonly visible: boolean | null
  /** Null without a diagnostic connection. */
  readonly diagnosis: Diagnosis | null
}

const allowed: Decision = { outcome: 'allowed', reason: 'allowed', policy: null, claim: null }

/** The first thing that stands in the way of the statement. */
export function decide(evidence: Evidence): Decision {
  const { question, survey, stages, visible, diagnosis } = evidence
  const isStored = diagnosis !== null && diagnosis.row !== null
  if (question.key !== null && visible !== true && !isStored) {
    if (diagnosis !== null || !survey.facts.rowSecurity) {
      return { outcome: 'hidden', reason: 'row-not-found', policy: null, claim: null }
    }
    return unseen(evidence)
  }
  if (!survey.facts.rowSecurity) return allowed
  for (const stage of stages) {
    // What the server has shown needs no argument.
    const isShown = stage.row === 'stored' && stage.command === 'SELECT' && visible === true
    const standing = isShown ? 'holds' : standingOf(stage)
    if (standing !== 'holds') return refusal(stage, standing, evidence)
  }
  if (question.key !== null && visible !== true) {
    return { outcome: 'hidden', reason: 'undetermined', policy: null, claim: null }
  }
  return allowed
}

/** INVARIANT: nothing here depends on whether the row exists. */
function unseen({ survey, stages, diagnosis }: Evidence): Decision {
  const blocked = stages.find(
    (stage) => stage.row === 'stored' && standingOf(stage) === 'no-policy',
  )
  if (blocked !== undefined) {
    return { outcome: 'hidden', reason: 'no-policy', policy: null, claim: null }
  }
  const read = stages.flatMap(({ verdicts }) => verdicts)
  const refused = contextFault(survey, diagnosis?.keyState ?? null)
  if (
    refused !== null &&
    read.some(({ claims }) => claims.some((name) => kernelClaims.has(name)))
  ) {
    return { outcome: 'undecided', reason: refused, policy: null, claim: null }
  }
  for (const policy of read) {
    // A restrictive policy that compares with an absent claim refuses every row.
    const absent = policy.claims.find((name) => survey.absent.has(name))
    if (policy.permissive || absent === undefined) continue
    return { outcome: 'undecided', reason: absenceOf(absent, survey), policy, claim: absent }
  }
  return { outcome: 'undecided', reason: 'row-not-found-or-hidden', policy: null, claim: null }
}

function refusal(
  stage: Stage,
  standing: 'fails' | 'unknown' | 'no-policy',
  { question, survey, diagnosis }: Evidence,
): Decision {
  const outcome = stage.row === 'stored' ? 'hidden' : 'refused'
  const readsNew = stage.row === 'new' && stage.clause === 'USING'
  const returning = question.returning === null || question.returning.length > 0
  if (standing === 'no-policy') {
    const reason = readsNew && returning ? 'returning-needs-select' : 'no-policy'
    return { outcome, reason, policy: null, claim: null }
  }
  const policy = culpritOf(stage, standing === 'fails' ? false : null)
  if (standing === 'unknown') {
    return { outcome: 'undecided', reason: 'undetermined', policy, claim: null }
  }
  const why = policy === null ? null : causeOf(policy, question, survey)
  const refused = contextFault(survey, diagnosis?.keyState ?? null)
  if (refused !== null && why?.absent === true) {
    return { outcome, reason: refused, policy, claim: why.claim }
  }
  const claim = why?.claim ?? null
  if (readsNew) {
    const reason = returning ? 'returning-needs-select' : 'new-row-hidden'
    return { outcome, reason, policy, claim }
  }
  return { outcome, reason: why?.reason ?? 'policy-condition', policy, claim }
}

interface Cause {
  readonly reason: DenialReason
  readonly claim: string | null
  readonly absent: boolean
}

/** Why a policy does not hold, from the first of its terms that does not. */
function causeOf(policy: PolicyVerdict, { source }: Question, survey: Survey): Cause {
  const facts = survey.facts.policies.find(({ name }) => name === policy.name)
  const failing = policy.terms.filter(({ verdict }) => verdict === false)
  const absent = failing.flatMap(({ claims }) => claims).find((name) => survey.absent.has(name))
  if (absent !== undefined) {
    return { reason: absenceOf(absent, survey), claim: absent, absent: true }
  }
  const [term] = failing
  if (term === undefined || facts === undefined) {
    return { reason: 'policy-condition', claim: policy.claims[0] ?? null, absent: false }
  }
  const claims = claimsIn(term.expression, facts, source)
  const claim = claims[0]?.name ?? null
  if (facts.relations.some((relation) => term.expression.includes(nameOf(relation)))) {
    return { reason: 'related-row-missing', claim, absent: false }
  }
  const kinds = new Set(claims.flatMap(({ kind }) => kind ?? []))
  const [kind] = kinds
  // Own rows, which a capability opens: to whoever lacks it, they are somebody else's.
  const isOwned = kinds.size === 2 && kinds.has('user') && kinds.has('capability')
  const isMixed = kind === undefined || kinds.size > 1
  const reason = isOwned ? mismatch.user : isMixed ? 'policy-condition' : mismatch[kind]
  return { reason, claim, absent: false }
}

/** As PostgreSQL prints a relation that is not on the search path. */
function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

const mismatch: Readonly<Record<ClaimKind, DenialReason>> = {
  tenant: 'other-tenant',
  grant: 'other-tenant',
  user: 'other-user',
  org: 'outside-org-scope',
  mode: 'other-mode',
  capability: 'missing-capability',
}

function absenceOf(name: string, { absent }: Survey): DenialReason {
  if (kernelClaims.get(name) !== 'grant') return 'claim-absent'
  const isReadable = name === 'platform_write_tenant_id' && !absent.has('platform_tenant_id')
  return isReadable ? 'access-grant-read-only' : 'access-grant-ended'
}

/** `mode` is NULL for a token that does not verify, and for no other. */
function contextFault({ absent, kid, expired }: Survey, key: KeyState | null): DenialReason | null {
  if (!absent.has('mode')) return null
  if (expired) return 'context-expired'
  if (kid === null || key === null) return 'context-refused'
  if (key === 'unknown') return 'signing-key-unknown'
  return key === 'retired' ? 'signing-key-retired' : 'signature-wrong'
}
