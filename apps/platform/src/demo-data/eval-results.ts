import { demoId } from './demo-id.js'
import type { DemoTenant } from './demo-tenants.js'
import { forEachPlace } from './demo-tenants.js'
import { candidateOf } from './eval-definitions.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertSessions = `
insert into eval.sessions (id, tenant_id, org_unit_id, assignment_id, user_id, state, started_at,
  expires_at, finished_at, client_address)
select id, tenant_id, org_unit_id, assignment_id, user_id, state, started_at,
  expires_at, finished_at, client_address
from jsonb_populate_recordset(null::eval.sessions, $1::jsonb)`

const insertSubmissions = `
insert into eval.submissions (id, tenant_id, org_unit_id, session_id, submitted_by, submitted_at,
  answers_sha256, comment)
select id, tenant_id, org_unit_id, session_id, submitted_by, submitted_at,
  answers_sha256, comment
from jsonb_populate_recordset(null::eval.submissions, $1::jsonb)`

const insertItems = `
insert into eval.submission_items (id, tenant_id, org_unit_id, submission_id, question_key, answer,
  answered_at)
select id, tenant_id, org_unit_id, submission_id, question_key, answer, answered_at
from jsonb_populate_recordset(null::eval.submission_items, $1::jsonb)`

const insertScores = `
insert into eval.submission_score_versions (id, tenant_id, org_unit_id, submission_id, version,
  points, max_points, breakdown, scored_by)
select id, tenant_id, org_unit_id, submission_id, version, points, max_points, breakdown, scored_by
from jsonb_populate_recordset(null::eval.submission_score_versions, $1::jsonb)`

const insertCorrections = `
insert into eval.result_corrections (id, tenant_id, org_unit_id, score_version_id, points_delta,
  reason, corrected_by, corrected_at)
select id, tenant_id, org_unit_id, score_version_id, points_delta,
  reason, corrected_by, corrected_at
from jsonb_populate_recordset(null::eval.result_corrections, $1::jsonb)`

const insertDecisions = `
insert into eval.correction_decisions (id, tenant_id, org_unit_id, correction_id, corrected_by,
  outcome, decided_by, note, decided_at)
select id, tenant_id, org_unit_id, correction_id, corrected_by,
  outcome, decided_by, note, decided_at
from jsonb_populate_recordset(null::eval.correction_decisions, $1::jsonb)`

const insertLedgerEvents = `
insert into eval.ledger_events (id, tenant_id, org_unit_id, kind, subject_id, actor_id, payload,
  occurred_at)
select id, tenant_id, org_unit_id, kind, subject_id, actor_id, payload, occurred_at
from jsonb_populate_recordset(null::eval.ledger_events, $1::jsonb)`

/** The place of the last row has an open sitting and nothing handed in yet. */
function forEachSubmission<Row>(
  make: (tenant: DemoTenant, place: string, row: number) => Row,
): Row[] {
  return forEachPlace((tenant, place, row) => ({ row, made: make(tenant, place, row) }))
    .filter(({ row }) => row !== 4)
    .map(({ made }) => made)
}

/** Sittings, what was handed in, scores, corrections and the ledger of it all. */
export async function seedEvaluationResults(seed: SeedContext): Promise<void> {
  const sessions = forEachPlace((tenant, place, row) => ({
    id: demoId('eval.sessions', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    assignment_id: demoId('eval.assignments', tenant.number, row),
    user_id: candidateOf(tenant, place),
    state: row === 4 ? 'open' : 'finished',
    started_at: seed.at({ hours: row === 4 ? 0 : -50 }),
    expires_at: seed.at({ hours: row === 4 ? 2 : -48 }),
    finished_at: row === 4 ? null : seed.at({ hours: -49 }),
    client_address: `198.51.100.${String(tenant.number * 10 + row)}`,
  }))
  await insertRows(seed, insertSessions, sessions)
  const submissions = forEachSubmission((tenant, place, row) => ({
    id: demoId('eval.submissions', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    session_id: demoId('eval.sessions', tenant.number, row),
    submitted_by: candidateOf(tenant, place),
    submitted_at: seed.at({ hours: -49 }),
    answers_sha256: demoDigest(`answers ${tenant.key} ${String(row)}`),
    comment: row === 1 ? 'Question 2 was unclear.' : null,
  }))
  await insertRows(seed, insertSubmissions, submissions)
  const items = forEachSubmission((tenant, place, row) =>
    [1, 2].map((question) => ({
      id: demoId('eval.submission_items', tenant.number, row * 10 + question),
      tenant_id: tenant.id,
      org_unit_id: place,
      submission_id: demoId('eval.submissions', tenant.number, row),
      question_key: `q${String(question)}`,
      answer: question === 1 ? 'b' : `What ${tenant.key} had in mind`,
      answered_at: seed.at({ hours: -49, minutes: -question }),
    })),
  )
  await insertRows(seed, insertItems, items.flat())
  await seedScores(seed)
}

async function seedScores(seed: SeedContext): Promise<void> {
  const scores = forEachSubmission((tenant, place, row) => ({
    id: demoId('eval.submission_score_versions', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    submission_id: demoId('eval.submissions', tenant.number, row),
    version: 1,
    points: 5 + row,
    max_points: 10,
    breakdown: { q1: 5, q2: row },
    scored_by: tenant.manager,
  }))
  await insertRows(seed, insertScores, scores)
  const corrections = forEachSubmission((tenant, place, row) => ({
    id: demoId('eval.result_corrections', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    score_version_id: demoId('eval.submission_score_versions', tenant.number, row),
    points_delta: 0.5 * row,
    reason: inTurn(['Second opinion', 'Question 2 counted twice', 'Sum was wrong'], row),
    corrected_by: tenant.manager,
    corrected_at: seed.at({ hours: -24 }),
  }))
  await insertRows(seed, insertCorrections, corrections)
  const decisions = forEachSubmission((tenant, place, row) => ({
    id: demoId('eval.correction_decisions', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    correction_id: demoId('eval.result_corrections', tenant.number, row),
    corrected_by: tenant.manager,
    outcome: inTurn(['approved', 'approved', 'rejected'], row),
    decided_by: tenant.admin,
    note: row === 3 ? 'The sum was right.' : null,
    decided_at: seed.at({ hours: -20 }),
  }))
  await insertRows(seed, insertDecisions, decisions)
  const ledger = forEachPlace((tenant, place, row) => ({
    id: demoId('eval.ledger_events', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    kind: 'session.started',
    subject_id: demoId('eval.sessions', tenant.number, row),
    actor_id: candidateOf(tenant, place),
    payload: { attempt: 1 },
    occurred_at: seed.at({ hours: -50 }),
  }))
  await insertRows(seed, insertLedgerEvents, ledger)
}
