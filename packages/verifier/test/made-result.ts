import { defineTenancy } from 'watertight/model'
import { checkSchemaId, makeFinding } from '../src/findings/index.js'
import type { CheckResult, CoverageRow, Finding, Severity, Verdict } from '../src/findings/index.js'

/** A name that tries to be markup, Markdown, a workflow command, a terminal sequence and a mention. */
export const hostileName =
  'public."</code><script>alert(1)</script>`|**@admin** #1\n::error::x ##[error]\u001B[2J\u202E]]>&"'

/** One cell. */
export function madeRow(
  object: string,
  command: CoverageRow['command'],
  verdict: Verdict,
  role = 'app',
): CoverageRow {
  const reason = verdict === 'unknown' ? `why ${object} is open` : 'because'
  return { object, kind: 'table', role, command, verdict, by: 'attack', reason, assumptions: [] }
}

/** One finding, about SELECT as app. */
export function madeFinding(rule: string, severity: Severity, object: string): Finding {
  return makeFinding({
    rule,
    severity,
    object,
    command: 'SELECT',
    role: 'app',
    message: `rows of ${object} are open`,
    fix: `alter table ${object} enable row level security;`,
    evidence: { statement: `select from ${object}` },
  })
}

/** A result with counts that fit its parts. */
export function madeResult(parts: Partial<CheckResult> = {}): CheckResult {
  const { coverage = [], findings = [], accepted = [], baselined = [] } = parts
  const verdicts = (name: Verdict): number =>
    coverage.filter(({ verdict }) => verdict === name).length
  const severities = (name: Severity): number =>
    findings.filter(({ severity }) => severity === name).length
  return {
    schema: checkSchemaId,
    tool: { name: 'watertight', version: '0.1.0' },
    server: { version: '16.3', versionNum: 160003 },
    startedAt: '2026-01-01T00:00:00.000Z',
    hashes: { catalog: 'c'.repeat(64), model: 'd'.repeat(64) },
    model: { ...defineTenancy({ schemas: ['public'] }), inferred: [] },
    assumptions: [],
    classes: [],
    stages: [],
    graph: {
      nodes: [],
      edges: [],
      sources: [],
      summary: { sources: 0, proven: 0, declared: 0, listed: 0 },
    },
    summary: {
      proven: verdicts('proven'),
      leak: verdicts('leak'),
      unknown: verdicts('unknown'),
      notApplicable: verdicts('not-applicable'),
      errors: severities('error'),
      warnings: severities('warning'),
      infos: severities('info'),
      accepted: accepted.length,
      baselined: baselined.length,
      provenByLayer: 0,
      statements: 0,
      sequencesMoved: [],
      durationMs: 1500,
    },
    ...parts,
    coverage,
    findings,
    accepted,
    baselined,
  }
}

/** A result with one of everything, all of it about an object with a hostile name. */
export function hostileResult(): CheckResult {
  const finding = madeFinding('rls-disabled', 'error', hostileName)
  return madeResult({
    coverage: [
      madeRow(hostileName, 'SELECT', 'leak'),
      madeRow(hostileName, 'UPDATE', 'unknown', hostileName),
      madeRow(hostileName, 'DELETE', 'proven'),
    ],
    findings: [finding],
    accepted: [
      {
        finding: madeFinding('policy-open', 'error', hostileName),
        reason: hostileName,
        until: '2026-03-01',
      },
    ],
    baselined: [madeFinding('view-owner-rights', 'warning', hostileName)],
    stages: [{ stage: 'attack', state: 'impossible', reason: hostileName }],
    classes: [
      {
        class: 'table',
        total: 1,
        checked: 0,
        skipped: 1,
        impossible: 0,
        reasons: [{ state: 'skipped', reason: hostileName, count: 1, examples: [hostileName] }],
      },
    ],
    graph: {
      nodes: [
        {
          id: `table:${hostileName}`,
          kind: 'table',
          name: hostileName,
          holdsTenantRows: true,
          opaque: [hostileName],
        },
      ],
      edges: [
        {
          from: `table:${hostileName}`,
          to: `table:${hostileName}`,
          kind: 'reads',
          as: hostileName,
          privileges: [],
        },
      ],
      sources: [
        {
          object: hostileName,
          kind: 'table',
          role: hostileName,
          privileges: ['SELECT'],
          path: [hostileName],
          reaches: [
            { table: hostileName, access: 'reads', as: hostileName, through: [hostileName] },
          ],
          gate: 'listed',
          reason: hostileName,
        },
      ],
      summary: { sources: 1, proven: 0, declared: 0, listed: 1 },
    },
  })
}
