import type { CheckResult, Severity } from '../findings/index.js'
import { headline } from './headline.js'
import type { ReportContext } from './report-context.js'
import { reportEntries, unknownReasons } from './report-entries.js'
import type { ReportEntry } from './report-entries.js'

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}

/** GitHub's scale from 0 to 10; from 9 critical, from 7 high, from 4 medium. */
const scores: Readonly<Record<Severity, string>> = { error: '9.1', warning: '5.3', info: '1.0' }

/** How many reasons for missing answers are listed. */
const mostNotifications = 100

/**
 * The result as SARIF 2.1.0: a rule per kind of finding, the finding's key as fingerprint, accepted
 * findings as suppressed results, and what could not be checked as notifications of the run.
 */
export function renderSarif(result: CheckResult, context: ReportContext = {}): string {
  const entries = reportEntries(result)
  const rules = [...new Set(entries.map(({ finding }) => finding.rule))].toSorted()
  const { verdict, counts } = headline(result)
  const log = {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: result.tool.name,
            version: result.tool.version,
            semanticVersion: result.tool.version,
            informationUri: 'https://watertight.dev',
            rules: rules.map((rule) => ruleOf(rule, entries, context)),
          },
        },
        automationDetails: { id: 'watertight/check/' },
        columnKind: 'unicodeCodePoints',
        invocations: [
          {
            executionSuccessful: true,
            startTimeUtc: result.startedAt,
            toolExecutionNotifications: notifications(result),
          },
        ],
        results: entries.map((entry) => resultOf(entry, rules, result, context)),
        properties: {
          verdict,
          counts,
          server: result.server,
          hashes: result.hashes,
          summary: result.summary,
          classes: result.classes,
        },
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(rule: string, entries: readonly ReportEntry[], context: ReportContext): object {
  const [worst] = entries
    .map(({ finding }) => finding)
    .filter((finding) => finding.rule === rule)
    .toSorted((a, b) => Number(scores[b.severity]) - Number(scores[a.severity]))
  const severity = worst?.severity ?? 'warning'
  const title = context.titles?.get(rule) ?? rule
  return {
    id: rule,
    name: rule.replaceAll(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: title },
    helpUri: worst?.docs ?? 'https://watertight.dev',
    help: { text: `watertight explain ${rule}` },
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['security', 'tenant-isolation', 'postgresql'],
      precision: 'high',
      'security-severity': scores[severity],
    },
  }
}

function resultOf(
  { finding, status, justification }: ReportEntry,
  rules: readonly string[],
  result: CheckResult,
  context: ReportContext,
): object {
  const { statement } = finding.evidence
  const isBaselineUsed = result.baselined.length > 0
  return {
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    kind: 'fail',
    level: levels[finding.severity],
    message: { text: finding.message },
    locations: [locationOf(finding.object, context)],
    relatedLocations: finding.evidence.objects
      .filter((object) => object !== finding.object)
      .map((object) => ({ logicalLocations: [logicalLocation(object)] })),
    fingerprints: { 'findingKey/v1': finding.key },
    partialFingerprints: { 'findingKey/v1': finding.key },
    // Every result says it, for a missing list means that nobody knows.
    suppressions:
      status === 'accepted' ? [{ kind: 'external', status: 'accepted', justification }] : [],
    ...(isBaselineUsed && { baselineState: status === 'baselined' ? 'unchanged' : 'new' }),
    properties: {
      role: finding.role,
      command: finding.command,
      ...(statement !== undefined && { statement }),
      ...(finding.fix !== null && { fix: finding.fix.sql }),
      ...(finding.remedy !== null && { remedy: finding.remedy }),
    },
  }
}

function locationOf(object: string, { placeOf, mainFile }: ReportContext): object {
  const place = placeOf?.(object) ?? null
  const logicalLocations = [logicalLocation(object)]
  if (place !== null) {
    const region = { startLine: place.line, startColumn: place.column }
    const artifactLocation = { uri: uriOf(place.file) }
    return { physicalLocation: { artifactLocation, region }, logicalLocations }
  }
  if (mainFile === undefined) return { logicalLocations }
  const artifactLocation = { uri: uriOf(mainFile) }
  return { physicalLocation: { artifactLocation, region: { startLine: 1 } }, logicalLocations }
}

function logicalLocation(object: string): object {
  const kind = object.startsWith('role ') ? 'role' : object.endsWith(')') ? 'function' : 'object'
  return { name: object, fullyQualifiedName: object, kind }
}

function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** What could not be checked: a run without results is no proof. */
function notifications(result: CheckResult): object[] {
  const stages = result.stages.filter(({ state }) => state !== 'ran')
  const reasons = unknownReasons(result.coverage)
  const more = reasons.length - mostNotifications
  return [
    ...stages.map(({ stage, state, reason }) =>
      notification('not-run', `${stage} ${state}: ${reason}`),
    ),
    ...reasons.slice(0, mostNotifications).map(({ reason, rows }) => ({
      ...notification('not-proven', `${rows.length} not proven: ${reason}`),
      locations: [...new Set(rows.map(({ object }) => object))]
        .slice(0, 20)
        .map((object) => ({ logicalLocations: [logicalLocation(object)] })),
    })),
    ...(more > 0 ? [notification('not-proven', `${more} more reasons`)] : []),
    ...result.classes.flatMap((each) =>
      each.reasons.map(({ state, reason, count }) =>
        notification('coverage', `${count} of ${each.total} ${each.class} ${state}: ${reason}`),
      ),
    ),
  ]
}

function notification(id: string, text: string): object {
  return { descriptor: { id }, level: 'warning', message: { text } }
}
