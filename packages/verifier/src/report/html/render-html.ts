import { createHash } from 'node:crypto'
import type { CheckResult } from '../../findings/index.js'
import { headline } from '../headline.js'
import type { ReportContext } from '../report-context.js'
import { coverageSection } from './coverage-section.js'
import { element, join, section, text } from './elements.js'
import type { Markup } from './elements.js'
import { acceptedSection, findingsSection } from './findings-section.js'
import { provenSection, unprovenSection } from './proof-sections.js'
import { classesSection, provenanceSection, summarySection } from './run-sections.js'
import { graphSection, sourcesSection } from './source-sections.js'
import { modelSection } from './model-section.js'
import { style } from './style.js'

/**
 * The evidence report for a reviewer: one HTML file without scripts, whose content security policy
 * lets it load nothing and run nothing. Everything from the database is escaped.
 */
export function renderHtml(result: CheckResult, context: ReportContext = {}): string {
  const { state, verdict, counts } = headline(result)
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const sections = [
    summarySection(result),
    findingsSection(result, context),
    unprovenSection(result),
    coverageSection(result),
    provenSection(result),
    sourcesSection(result),
    acceptedSection(result),
    classesSection(result),
    graphSection(result),
    modelSection(result),
    provenanceSection(result),
  ]
  const links = sections.map(({ id, title }) =>
    element('li', {}, element('a', { href: `#${id}` }, text(title))),
  )
  const body = join(
    element(
      'header',
      {},
      element('h1', {}, text('Tenant isolation: evidence')),
      element(
        'p',
        { class: 'soft' },
        text(`${result.tool.name} ${result.tool.version}, PostgreSQL ${result.server.version}, `),
        time(result.startedAt),
      ),
      element(
        'div',
        { class: `banner ${state}` },
        element('strong', {}, text(sentence(verdict))),
        element('p', {}, text(counts)),
      ),
    ),
    element('nav', { 'aria-label': 'Contents' }, element('ol', {}, links)),
    element('main', {}, sections.map(section)),
  )
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>Tenant isolation: ${verdict}</title>`,
    // INVARIANT: nothing may come between the tag and the text, or the hash no longer fits.
    `<style>${style}</style>`,
  ]
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n</head>\n<body>\n${body}\n</body>\n</html>\n`
}

function time(instant: string): Markup {
  const shown = instant.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')
  return element('time', { datetime: instant }, text(shown))
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
