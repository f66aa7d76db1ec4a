import type { CheckResult, CoverageRow } from '../findings/index.js'
import { headline } from './headline.js'
import { excuseOf, reportEntries } from './report-entries.js'
import type { ReportEntry } from './report-entries.js'
import { escapeMarkup } from './xml.js'

/** What the exit code takes for good. */
export interface JunitOptions {
  /** Cells without an answer are skipped tests, not errors. */
  readonly allowUnknown?: boolean
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped'

interface TestCase {
  readonly name: string
  readonly outcome: Outcome
  readonly type: string
  readonly message: string
  readonly text: string
}

interface Suite {
  readonly name: string
  readonly cases: readonly TestCase[]
}

/**
 * The result as JUnit XML: a suite per object with a test per role and command, and one suite of
 * findings. A leak is a failure; what could not be checked is an error, never a pass.
 */
export function renderJunit(result: CheckResult, options: JunitOptions = {}): string {
  const entries = reportEntries(result)
  const byObject = new Map<string, CoverageRow[]>()
  for (const row of result.coverage) {
    const rows = byObject.get(row.object)
    if (rows === undefined) byObject.set(row.object, [row])
    else rows.push(row)
  }
  const errors = entries.filter(({ finding }) => finding.severity === 'error')
  const suites: Suite[] = [
    ...[...byObject].map(([name, rows]) => ({
      name,
      cases: rows.map((row) => cellCase(row, errors, options)),
    })),
    {
      name: 'findings',
      cases: entries
        .filter(({ finding }) => finding.severity !== 'info')
        .map((entry) => findingCase(entry)),
    },
    { name: 'the run', cases: [runCase(result, options)] },
  ]
  const all = suites.flatMap(({ cases }) => cases)
  const time = (result.summary.durationMs / 1000).toFixed(3)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="watertight check" ${counts(all)} time="${time}">`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escapeMarkup(name)}" ${counts(cases)} timestamp="${escapeMarkup(result.startedAt)}">`,
      ...cases.map((each) => testCase(name, each)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function cellCase(
  row: CoverageRow,
  errors: readonly ReportEntry[],
  { allowUnknown = false }: JunitOptions,
): TestCase {
  const base = { name: `${row.command} as ${row.role}`, type: row.verdict, message: row.reason }
  const text = [`by ${row.by}`, ...row.assumptions.map((each) => `assumes: ${each}`)].join('\n')
  if (row.verdict === 'leak') {
    const excuse = excuseOf(row, errors)
    return excuse === null
      ? { ...base, outcome: 'failure', text }
      : { ...base, outcome: 'skipped', message: `leak, ${excuse}: ${row.reason}`, text }
  }
  if (row.verdict === 'unknown') {
    return { ...base, outcome: allowUnknown ? 'skipped' : 'error', text }
  }
  return { ...base, outcome: 'passed', text: `${row.verdict}: ${row.reason}\n${text}` }
}

function findingCase({ finding, status, justification }: ReportEntry): TestCase {
  const { statement } = finding.evidence
  const text = [
    finding.message,
    ...(statement === undefined ? [] : [`shown by: ${statement}`]),
    ...(finding.fix === null ? [] : [`fix:\n${finding.fix.sql}`]),
    ...(finding.remedy === null ? [] : [`remedy: ${finding.remedy}`]),
    finding.docs,
  ].join('\n')
  const base = { name: finding.key, type: finding.rule, message: finding.message, text }
  if (status !== 'new') {
    return { ...base, outcome: 'skipped', message: `${justification}: ${finding.message}` }
  }
  // A warning does not fail the run; its text is in the report.
  return { ...base, outcome: finding.severity === 'error' ? 'failure' : 'passed' }
}

/** Without it a run that looked at nothing would be a report without failures. */
function runCase(result: CheckResult, { allowUnknown = false }: JunitOptions): TestCase {
  const { verdict, counts: text } = headline(result)
  const missing = result.stages.filter(({ state }) => state === 'impossible')
  const isEmpty = result.coverage.length === 0
  const base = { name: 'everything was looked at', type: 'unknown', text }
  if (missing.length === 0 && !isEmpty) return { ...base, outcome: 'passed', message: verdict }
  const reasons = missing.map(({ stage, reason }) => `${stage}: ${reason}`)
  const message = [...(isEmpty ? ['no object was covered'] : []), ...reasons].join('; ')
  return { ...base, outcome: allowUnknown ? 'skipped' : 'error', message }
}

function counts(cases: readonly TestCase[]): string {
  const of = (outcome: Outcome): number => cases.filter((each) => each.outcome === outcome).length
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`
}

function testCase(suite: string, { name, outcome, type, message, text }: TestCase): string {
  const open = `    <testcase classname="${escapeMarkup(suite)}" name="${escapeMarkup(name)}"`
  const body = escapeMarkup(text)
  if (outcome === 'passed') return `${open}><system-out>${body}</system-out></testcase>`
  const attributes =
    outcome === 'skipped'
      ? `message="${escapeMarkup(message)}"`
      : `type="${escapeMarkup(type)}" message="${escapeMarkup(message)}"`
  return outcome === 'skipped'
    ? `${open}><skipped ${attributes}/><system-out>${body}</system-out></testcase>`
    : `${open}><${outcome} ${attributes}>${body}</${outcome}></testcase>`
}
