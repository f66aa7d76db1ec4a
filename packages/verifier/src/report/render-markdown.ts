import { compareVerdict } from '../findings/index.js'
import type { CheckResult, CoverageRow, Finding, TenantSource } from '../findings/index.js'
import { count, headline } from './headline.js'
import { markdownCode, markdownText, sqlBlock } from './markdown-text.js'
import type { ReportContext } from './report-context.js'
import { unknownReasons } from './report-entries.js'
import { gateText } from './run-text.js'

/** How long the text may be. */
export interface MarkdownOptions {
  /** Characters; GitHub takes 65,536 in a comment. */
  readonly limit?: number
}

/** What a comment on GitHub may hold. */
const githubLimit = 65_536

/** What the sentence about the cut needs. */
const reserve = 400

/** A part of the text that is kept whole or left out, and what it is when it is left out. */
interface Block {
  readonly text: string
  readonly noun: string
}

/**
 * The result for a pull request: verdict, errors, then what could not be proven, the rest folded.
 * What does not fit is left out from the end, and the text says what that was.
 */
export function renderMarkdown(
  result: CheckResult,
  context: ReportContext = {},
  options: MarkdownOptions = {},
): string {
  const { state, verdict, counts } = headline(result)
  const symbol = { fails: '❌', open: '⚠️', holds: '✅' }[state]
  const { summary } = result.graph
  const intro = [
    `## ${symbol} watertight check: ${verdict}`,
    '',
    `${counts}. PostgreSQL ${markdownText(result.server.version)}.`,
    `${count(summary.sources, 'source')} of tenant data, ${gateText(summary)}.`,
    ...(result.model.inferred.length > 0
      ? [`Inferred, not declared: ${result.model.inferred.map(markdownText).join(', ')}.`]
      : []),
  ].join('\n')
  const blocks = [
    ...result.findings
      .filter(({ severity }) => severity !== 'info')
      .map((finding) => ({ text: findingBlock(finding, context), noun: finding.severity })),
    ...notRun(result),
    ...unknownReasons(result.coverage).map(({ reason, rows }) => ({
      text: `- ⚠️ **${count(rows.length, 'cell')} not proven**: ${markdownText(reason)}`,
      noun: 'reason for missing proof',
    })),
    ...excused(result),
    ...sourceBlock(result),
    ...coverageBlock(result.coverage),
  ]
  return fitted(intro, blocks, options.limit ?? githubLimit)
}

function fitted(intro: string, blocks: readonly Block[], limit: number): string {
  const parts = [intro]
  const cut = new Map<string, number>()
  let length = intro.length
  for (const { text, noun } of blocks) {
    // Once something is left out, so is all that matters less.
    if (cut.size === 0 && length + text.length + 2 <= limit - reserve) {
      parts.push(text)
      length += text.length + 2
    } else cut.set(noun, (cut.get(noun) ?? 0) + 1)
  }
  if (cut.size > 0) {
    const list = [...cut].map(([noun, number]) => count(number, noun)).join(', ')
    parts.push(
      `> **Cut to fit ${limit} characters**: ${list}. \`watertight check --format json\` has all.`,
    )
  }
  return `${parts.join('\n\n')}\n`
}

function findingBlock(finding: Finding, { placeOf }: ReportContext): string {
  const symbol = finding.severity === 'error' ? '❌' : '⚠️'
  const place = placeOf?.(finding.object) ?? null
  const { statement } = finding.evidence
  return [
    '<details>',
    `<summary>${symbol} <b>${markdownText(finding.rule)}</b> ${markdownCode(finding.object)}: ${markdownText(finding.message)}</summary>`,
    '',
    ...(place === null ? [] : [`At ${markdownCode(`${place.file}:${place.line}`)}.`, '']),
    ...(statement === undefined ? [] : ['Shown by', '', sqlBlock(statement), '']),
    ...(finding.fix === null ? [] : ['Fix', '', sqlBlock(finding.fix.sql), '']),
    ...(finding.remedy === null ? [] : [`Remedy: ${markdownText(finding.remedy)}`, '']),
    `[${markdownText(finding.rule)}](${finding.docs}), key ${markdownCode(finding.key)}`,
    '</details>',
  ].join('\n')
}

function notRun({ stages }: CheckResult): readonly Block[] {
  return stages
    .filter(({ state }) => state !== 'ran')
    .map(({ stage, state, reason }) => ({
      text: `- ⚠️ **${stage} ${state}**: ${markdownText(reason)}`,
      noun: 'stage that did not run',
    }))
}

function excused({ accepted, baselined }: CheckResult): readonly Block[] {
  return [
    folded(
      `${count(baselined.length, 'finding')} in the baseline`,
      baselined.map((finding) => `- ${markdownCode(finding.key)} (${finding.severity})`),
    ),
    folded(
      `${count(accepted.length, 'finding')} accepted`,
      accepted.map(
        ({ finding, reason, until }) =>
          `- ${markdownCode(finding.key)} until ${markdownText(until)}: ${markdownText(reason)}`,
      ),
    ),
  ].flat()
}

function sourceBlock({ graph }: CheckResult): readonly Block[] {
  const listed = graph.sources.filter(({ gate }) => gate === 'listed')
  return folded(
    `${count(graph.summary.listed, 'source')} of tenant data without a proven gate`,
    listed.map(sourceLine),
  )
}

function sourceLine({ object, kind, role, reason }: TenantSource): string {
  const as = role === null ? '' : ` as ${markdownCode(role)}`
  return `- ${kind} ${markdownCode(object)}${as}: ${markdownText(reason)}`
}

/** Objects with their verdicts per role and command, one line each, worst first. */
function coverageBlock(coverage: readonly CoverageRow[]): readonly Block[] {
  const byObject = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    if (row.verdict === 'not-applicable') continue
    const rows = byObject.get(row.object) ?? []
    rows.push(row)
    byObject.set(row.object, rows)
  }
  const lines = [...byObject].map(([object, rows]) => {
    const cells = rows
      .toSorted((a, b) => compareVerdict(a.verdict, b.verdict))
      .map(({ role, command, verdict }) => `${markdownText(role)} ${command} ${verdict}`)
    return `| ${markdownCode(object)} | ${cells.join(', ')} |`
  })
  return folded(`Coverage of ${count(byObject.size, 'object')}`, [
    ...(lines.length > 0 ? ['| object | verdicts |', '| --- | --- |'] : []),
    ...lines,
  ])
}

/** Lines behind a summary; nothing when there are none. Long ones come in several parts. */
function folded(summary: string, lines: readonly string[]): readonly Block[] {
  if (lines.length === 0) return []
  const isTable = lines[0]?.startsWith('|') === true
  const head = isTable ? lines.slice(0, 2) : []
  const body = lines.slice(head.length)
  const size = 40
  return Array.from({ length: Math.ceil(body.length / size) }, (_, part) => {
    const title = part === 0 ? summary : `${summary}, continued`
    const some = body.slice(part * size, (part + 1) * size)
    return {
      text: `<details>\n<summary>${title}</summary>\n\n${[...head, ...some].join('\n')}\n</details>`,
      noun: 'list',
    }
  })
}
