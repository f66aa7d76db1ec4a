import type { CheckResult, Finding } from '../../findings/index.js'
import type { ReportContext } from '../report-context.js'
import { code, element, join, pairs, paragraph, pre, table, text } from './elements.js'
import type { Cell, Markup, Section } from './elements.js'

/** Everything that is wrong, worst first, with the statement that shows it. */
export function findingsSection(result: CheckResult, context: ReportContext): Section {
  const { findings, baselined } = result
  return {
    id: 'findings',
    title: `Findings (${findings.length + baselined.length})`,
    body: join(
      findings.length === 0 ? paragraph('None that count.') : text(''),
      ...findings.map((finding) => article(finding, context)),
      ...(baselined.length === 0
        ? []
        : [
            element('h3', {}, text('Known to the baseline, and still there')),
            ...baselined.map((finding) => article(finding, context)),
          ]),
    ),
  }
}

function article(finding: Finding, { titles, placeOf }: ReportContext): Markup {
  const title = titles?.get(finding.rule)
  const place = placeOf?.(finding.object) ?? null
  const { statement, objects } = finding.evidence
  const related = objects.filter((object) => object !== finding.object)
  const facts: (readonly [string, Markup])[] = [
    ...(finding.role === null ? [] : [['Role', code(finding.role)] as const]),
    ...(finding.command === null ? [] : [['Command', code(finding.command)] as const]),
    ...(related.length === 0 ? [] : [['With', code(related.join(', '))] as const]),
    ...(place === null
      ? []
      : [['At', code(`${place.file}:${place.line}:${place.column}`)] as const]),
    ['Key', code(finding.key)],
  ]
  return element(
    'article',
    { class: finding.severity },
    element('h3', {}, text(`${finding.severity}: ${finding.rule} `), code(finding.object)),
    paragraph(finding.message),
    ...(title === undefined ? [] : [element('p', { class: 'soft' }, text('Why: '), text(title))]),
    pairs(facts),
    ...(statement === undefined ? [] : [paragraph('Shown by this statement:'), pre(statement)]),
    ...(finding.fix === null ? [] : [paragraph('Fix:'), pre(finding.fix.sql)]),
    ...(finding.remedy === null ? [] : [paragraph(`Remedy: ${finding.remedy}`)]),
  )
}

/** What the configuration accepts, until when and why. */
export function acceptedSection({ accepted }: CheckResult): Section {
  const body =
    accepted.length === 0
      ? paragraph('No finding is accepted.')
      : table(
          'Accepted findings come back on their date',
          ['finding', 'until', 'reason', 'what it says'],
          accepted
            .toSorted((a, b) => (a.until < b.until ? -1 : 1))
            .map(({ finding, reason, until }): readonly Cell[] => [
              code(finding.key),
              text(until),
              text(reason),
              text(`${finding.severity}: ${finding.message}`),
            ]),
        )
  return { id: 'accepted', title: 'Accepted risks', body }
}
