import { describe, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import type { CheckResult, CoverageRow, Finding, Verdict } from '../findings/index.js'
import { exitCodeOf, makeFinding } from '../findings/index.js'
import { renderPretty } from './render-pretty.js'

const model = { ...defineTenancy({ schemas: ['public'] }), inferred: [] }

function row(
  object: string,
  role: string,
  command: CoverageRow['command'],
  verdict: Verdict,
): CoverageRow {
  return {
    object,
    kind: 'table',
    role,
    command,
    verdict,
    by: 'attack',
    reason: 'because',
    assumptions: [],
  }
}

function result(coverage: CoverageRow[], findings: Finding[] = []): CheckResult {
  const verdicts = (name: Verdict): number =>
    coverage.filter((entry) => entry.verdict === name).length
  const severities = (name: string): number =>
    findings.filter((finding) => finding.severity === name).length
  return {
    schema: 'watertight.check/1',
    tool: { name: 'watertight', version: '0.1.0' },
    server: { version: '16.3', versionNum: 160003 },
    startedAt: '2026-01-01T00:00:00.000Z',
    hashes: { catalog: 'c'.repeat(64), model: 'd'.repeat(64) },
    model,
    coverage,
    assumptions: [],
    classes: [],
    stages: [],
    findings,
    accepted: [],
    baselined: [],
    graph: {
      nodes: [],
      edges: [],
      sources: [],
      summary: { sources: 0, proven: 0, declared: 0, listed: 0 },
    },
    summary: {
      proven: verdicts('proven'),
      provenByLayer: 0,
      leak: verdicts('leak'),
      unknown: verdicts('unknown'),
      notApplicable: verdicts('not-applicable'),
      errors: severities('error'),
      warnings: severities('warning'),
      infos: severities('info'),
      accepted: 0,
      baselined: 0,
      statements: 0,
      sequencesMoved: [],
      durationMs: 1,
    },
  }
}

const plain = { color: false, width: 80, unicode: true }
const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

describe('the report for people', () => {
  it('puts leaking objects first and never says a verdict by colour alone', () => {
    const text = renderPretty(
      result([
        ...commands.map((command) => row('public.a', 'app', command, 'proven')),
        ...commands.map((command) => row('public.b', 'app', command, 'leak')),
      ]),
      plain,
    )
    expect(text).toContain('public.b          S✗ I✗ U✗ D✗')
    expect(text.indexOf('public.b')).toBeLessThan(text.indexOf('public.a'))
    expect(text).toContain('✗ leak')
  })

  it('prints ASCII only on a terminal without UTF-8', () => {
    const text = renderPretty(result([row('public.a', 'app', 'SELECT', 'unknown')]), {
      ...plain,
      unicode: false,
    })
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(text).toContain('S?')
  })

  it.each([
    ['proven only', [row('public.a', 'app', 'SELECT', 'proven')], '\u001B[32mholds'],
    ['one unknown', [row('public.a', 'app', 'SELECT', 'unknown')], '\u001B[33mnot proven'],
    ['nothing covered', [], '\u001B[33mnot proven'],
  ] as const)('colours the total of %s', (_name, coverage, expected) => {
    const text = renderPretty(result([...coverage]), { ...plain, color: true })
    const last = text.trimEnd().split('\n').at(-1)
    expect(last).toContain(expected)
  })

  it('never shows a green total while something is unchecked', () => {
    const text = renderPretty(
      result([
        row('public.a', 'app', 'SELECT', 'proven'),
        row('public.b', 'app', 'SELECT', 'unknown'),
      ]),
      { ...plain, color: true },
    )
    expect(text.trimEnd().split('\n').at(-1)).not.toContain('\u001B[32m')
  })

  it('never says that a database holds whose tables no runtime role reaches', () => {
    const unreached = result([row('public.a', 'app', 'SELECT', 'not-applicable')])
    const tables = { 'public.a': { scope: 'tenant' } } as const
    const declared = { ...defineTenancy({ schemas: ['public'], tables }), inferred: [] }
    const ofTenants = { ...unreached, model: declared }
    expect(exitCodeOf(ofTenants, { allowUnknown: false })).toBe(3)
    expect(renderPretty(ofTenants, plain).trimEnd().split('\n').at(-1)).toMatch(
      /^not proven, since no runtime role .* 0 of 0 proven.*next: watertight status$/,
    )
    // Tables that every tenant reads have nothing to prove, and are no reason to doubt.
    expect(exitCodeOf(unreached, { allowUnknown: false })).toBe(0)
  })

  it('says that the roles of the model are not there, and names the command that makes them', () => {
    const missing = { state: 'impossible', reason: 'it does not exist', count: 2, examples: [] }
    const roles = { class: 'role', total: 2, checked: 0, skipped: 0, impossible: 2 } as const
    const never = { ...result([]), classes: [{ ...roles, reasons: [missing] }] } as CheckResult
    expect(renderPretty(never, plain).trimEnd().split('\n').at(-1)).toMatch(
      /^not proven, since no runtime role of the model exists here: .*next: watertight plan$/,
    )
  })

  it('keeps 200 tables and 6 roles inside a narrow terminal', () => {
    const roles = ['app', 'public', 'auditor', 'worker', 'platform', 'a_role_with_a_very_long_name']
    const coverage = Array.from({ length: 200 }, (_, index) =>
      roles.flatMap((role) =>
        commands.map((command) =>
          row(`public.a_table_with_quite_a_long_name_${index}`, role, command, 'unknown'),
        ),
      ),
    ).flat()
    const lines = renderPretty(result(coverage), { ...plain, width: 60 }).split('\n')
    expect(Math.max(...lines.slice(0, -2).map((line) => line.length))).toBeLessThanOrEqual(60)
  })

  it('numbers roles whose names are alike once they fit their columns', () => {
    const roles = ['acme_reading_clerk', 'acme_reading_office_clerk', 'acme_support']
    const coverage = roles.map((role) => row('public.notes', role, 'SELECT', 'proven'))
    const text = renderPretty(result(coverage), { ...plain, width: 60 })
    const numbered = roles.map((role, index) => `${index + 1} is ${role}`)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`roles: ${numbered.join(', ')} object`)
    expect(text).toMatch(/^object +1 +2 +3 *$/m)
    const others = ['acme_clerk', 'acme_office_clerk'].map((role) =>
      row('public.notes', role, 'SELECT', 'proven'),
    )
    expect(renderPretty(result(others), plain)).toContain('roles are named acme_…')
  })

  it('names objects that are proven throughout together, so that the others are seen', () => {
    const coverage = Array.from({ length: 200 }, (_, index) =>
      commands.map((command) =>
        row(`public.t${index}`, 'app', command, index === 7 ? 'unknown' : 'proven'),
      ),
    ).flat()
    const text = renderPretty(result(coverage), plain)
    expect(text).toContain('public.t7         S? I? U? D?')
    expect(text).toContain('199 more objects are proven in every cell that applies')
    expect(text.split('\n').length).toBeLessThan(40)
  })

  it('shows fix and statement of a finding, and names the next command', () => {
    const finding = makeFinding({
      rule: 'rls-disabled',
      severity: 'error',
      object: 'public.a',
      message: 'rows are open',
      fix: 'alter table public.a enable row level security;',
      evidence: { statement: 'select from public.a' },
    })
    const text = renderPretty(result([row('public.a', 'app', 'SELECT', 'leak')], [finding]), plain)
    expect(text).toContain('error[rls-disabled]: rows are open\n  --> public.a\n')
    expect(text).toContain('+ alter table public.a enable row level security;')
    expect(text).toContain('shown by: select from public.a')
    expect(text).toMatch(/next: watertight explain rls-disabled\n$/)
  })

  it('replaces control characters that a name brings along', () => {
    const text = renderPretty(result([row('public."\u001B[2Jx"', 'app', 'SELECT', 'leak')]), plain)
    expect(text).not.toContain('\u001B')
  })
})
