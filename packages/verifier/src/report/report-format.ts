import type { CheckResult } from '../findings/index.js'
import { renderGithub } from './render-github.js'
import { renderHtml } from './html/render-html.js'
import { renderJson } from './render-json.js'
import { renderJunit } from './render-junit.js'
import { renderMarkdown } from './render-markdown.js'
import { renderSarif } from './render-sarif.js'
import type { ReportContext } from './report-context.js'

/** Forms of a report beside the one for a terminal. */
export const reportFormats = ['json', 'sarif', 'junit', 'markdown', 'html', 'github'] as const

/** One of {@link reportFormats}. */
export type ReportFormat = (typeof reportFormats)[number]

/** What some forms want to know. */
export interface ReportOptions extends ReportContext {
  /** The exit code forgives cells without an answer. */
  readonly allowUnknown?: boolean
}

const renderers: Readonly<
  Record<ReportFormat, (result: CheckResult, options: ReportOptions) => string>
> = {
  json: renderJson,
  sarif: renderSarif,
  junit: renderJunit,
  markdown: renderMarkdown,
  html: renderHtml,
  github: renderGithub,
}

/**
 * A report in one of the forms for programs and files.
 *
 * @example
 * ```ts
 * await writeFile('evidence.html', renderReport('html', result))
 * ```
 */
export function renderReport(
  format: ReportFormat,
  result: CheckResult,
  options: ReportOptions = {},
): string {
  return renderers[format](result, options)
}
