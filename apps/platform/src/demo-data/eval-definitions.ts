import { demo } from './demo.js'
import { demoId } from './demo-id.js'
import type { DemoTenant } from './demo-tenants.js'
import { forEachPlace } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { demoDigest, inTurn, insertRows } from './seed-context.js'

const insertEvaluations = `
insert into eval.evaluations (id, tenant_id, org_unit_id, slug, title, kind, pass_ratio, created_by,
  created_at)
select id, tenant_id, org_unit_id, slug, title, kind, pass_ratio, created_by,
  created_at
from jsonb_populate_recordset(null::eval.evaluations, $1::jsonb)`

const insertVersions = `
insert into eval.evaluation_versions (id, tenant_id, org_unit_id, evaluation_id, version, state,
  content, max_points, content_sha256, published_by, published_at,
  created_at)
select id, tenant_id, org_unit_id, evaluation_id, version, state,
  content, max_points, content_sha256, published_by, published_at,
  created_at
from jsonb_populate_recordset(null::eval.evaluation_versions, $1::jsonb)`

const insertAssignments = `
insert into eval.assignments (id, tenant_id, org_unit_id, evaluation_version_id, assignee_id,
  assigned_by, status, opens_at, closes_at, max_attempts, created_at)
select id, tenant_id, org_unit_id, evaluation_version_id, assignee_id,
  assigned_by, status, opens_at, closes_at, max_attempts, created_at
from jsonb_populate_recordset(null::eval.assignments, $1::jsonb)`

const titles = {
  security: ['Guard duty refresher', 'Fire drill', 'Camera handling', 'Radio protocol'],
  school: ['Optics', 'Mechanics', 'Laboratory safety', 'Irregular verbs'],
  events: ['Door staff briefing', 'First aid', 'Ticket scanner', 'Evacuation'],
} as const

/** Who takes the evaluation of a place: class 10b has its own pupil. */
export function candidateOf(tenant: DemoTenant, place: string): string {
  return place === demo.orgUnits.school.class10b ? demo.users.schoolAndEvents : tenant.member
}

/** Evaluations with a published version and a draft, and assignments of the published one. */
export async function seedEvaluationDefinitions(seed: SeedContext): Promise<void> {
  const evaluations = forEachPlace((tenant, place, row) => ({
    id: demoId('eval.evaluations', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    slug: `test-${String(row)}`,
    title: inTurn(titles[tenant.key], row),
    kind: inTurn(['exam', 'assessment', 'exam', 'survey'], row),
    pass_ratio: 0.6,
    created_by: tenant.manager,
    created_at: seed.at({ days: -40 }),
  }))
  await insertRows(seed, insertEvaluations, evaluations)
  const versions = forEachPlace((tenant, place, row) =>
    [1, 2].map((version) => ({
      id: demoId('eval.evaluation_versions', tenant.number, row * 10 + version),
      tenant_id: tenant.id,
      org_unit_id: place,
      evaluation_id: demoId('eval.evaluations', tenant.number, row),
      version,
      state: version === 1 ? 'published' : 'draft',
      content: {
        timeLimitMinutes: 120,
        questions: [
          {
            key: 'q1',
            kind: 'single_choice',
            text: 'How much?',
            points: 5 * version,
            options: [
              { key: 'a', text: 'Half of it' },
              { key: 'b', text: 'All of it' },
            ],
            correct: 'b',
          },
          { key: 'q2', kind: 'text', text: 'Why?', points: 5 * version },
        ],
      },
      max_points: 10 * version,
      content_sha256: demoDigest(`version ${tenant.key} ${String(row)} ${String(version)}`),
      published_by: version === 1 ? tenant.manager : null,
      created_at: seed.at({ days: -31 }),
      published_at: version === 1 ? seed.at({ days: -30 }) : null,
    })),
  )
  await insertRows(seed, insertVersions, versions.flat())
  const assignments = forEachPlace((tenant, place, row) => ({
    id: demoId('eval.assignments', tenant.number, row),
    tenant_id: tenant.id,
    org_unit_id: place,
    evaluation_version_id: demoId('eval.evaluation_versions', tenant.number, row * 10 + 1),
    assignee_id: candidateOf(tenant, place),
    assigned_by: tenant.manager,
    status: inTurn(['submitted', 'submitted', 'submitted', 'started'], row),
    opens_at: seed.at({ days: -20 }),
    closes_at: seed.at({ days: 10 }),
    max_attempts: 2,
    created_at: seed.at({ days: -21 }),
  }))
  await insertRows(seed, insertAssignments, assignments)
}
