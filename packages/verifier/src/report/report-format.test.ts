import { describe, expect, it } from 'vitest'
import {
  hostileName,
  hostileResult,
  madeFinding,
  madeResult,
  madeRow,
} from '../../test/made-result.js'
import { sarifFaults } from '../../test/sarif-faults.js'
import { markdownText } from './markdown-text.js'
import { renderMarkdown } from './render-markdown.js'
import { renderReport, reportFormats } from './report-format.js'
import { escapeMarkup } from './xml.js'

const leaking = madeResult({
  coverage: [
    madeRow('public.a', 'SELECT', 'leak'),
    madeRow('public.b', 'SELECT', 'unknown'),
    madeRow('public.c', 'SELECT', 'proven'),
  ],
  findings: [
    madeFinding('rls-disabled', 'error', 'public.a'),
    madeFinding('sequence-readable', 'warning', 'public.s'),
  ],
})
const accepted = madeResult({
  coverage: [madeRow('public.a', 'SELECT', 'leak')],
  accepted: [
    {
      finding: madeFinding('rls-disabled', 'error', 'public.a'),
      reason: 'moved in March',
      until: '2026-03-01',
    },
  ],
})
const baselined = madeResult({
  coverage: [madeRow('public.a', 'SELECT', 'leak')],
  baselined: [madeFinding('rls-disabled', 'error', 'public.a')],
})

/** What a name must not come out as. */
const forbidden: Readonly<Record<(typeof reportFormats)[number], readonly string[]>> = {
  json: ['\u001B'],
  sarif: ['\u001B'],
  junit: ['\u001B', '\u202E', '<script', '##['],
  markdown: ['\u001B', '\u202E', '<script', '##[', '@admin', ' #1'],
  html: ['\u001B', '\u202E', '<script', '##['],
  github: ['\u001B', '\u202E', '##['],
}

/** GitHub takes nothing in a fenced block for markup. */
function outsideFences(text: string): string {
  return text.replaceAll(/(`{3,})sql\n[\s\S]*?\n\1(?!`)/g, '')
}

describe('a name that attacks the reader of a report', () => {
  it.each(reportFormats)('is only text in %s', (format) => {
    const text = outsideFences(renderReport(format, hostileResult()))
    expect(forbidden[format].filter((part) => text.includes(part))).toEqual([])
    expect(text.split('\n').filter((line) => line.trim().startsWith('::error::x'))).toEqual([])
  })

  it.each(['json', 'sarif'] as const)('survives %s as it is', (format) => {
    const text = JSON.stringify(JSON.parse(renderReport(format, hostileResult())))
    expect(text).toContain(JSON.stringify(hostileName).slice(1, -1))
  })

  it('would be markup without the escaping', () => {
    expect(hostileName).toContain('<script')
    expect(escapeMarkup(hostileName)).toContain('&lt;script&gt;')
    expect(markdownText('a@b #12 https://x.y www.x.y [l](u)')).toBe(
      'a&#64;\u200Bb &#35;\u200B12 https&#58;//x.y www&#46;x.y &#91;l&#93;&#40;u&#41;',
    )
  })
})

describe('SARIF', () => {
  const run = (text: string) => JSON.parse(text).runs[0]

  it.each([
    ['leaks', leaking],
    ['accepted findings', accepted],
    ['a baseline', baselined],
    ['nothing', madeResult()],
    ['hostile names', hostileResult()],
  ])('of %s keeps the standard', (_what, result) => {
    const places = { placeOf: () => ({ file: 'a b/ä.sql', line: 3, column: 1 }) }
    expect(sarifFaults(renderReport('sarif', result))).toEqual([])
    expect(sarifFaults(renderReport('sarif', result, places))).toEqual([])
  })

  it('fails the check of the standard when it is broken', () => {
    const log = JSON.parse(renderReport('sarif', leaking))
    log.runs[0].results[0].ruleIndex = 1
    log.runs[0].results[1].level = 'fatal'
    expect(
      sarifFaults(JSON.stringify({ ...log, version: '2.0' }).replace('"fail"', '"pass"')).length,
    ).toBeGreaterThan(1)
  })

  it('carries the key as fingerprint, the severity as level, and the place', () => {
    const [first] = run(
      renderReport('sarif', leaking, {
        placeOf: (object) =>
          object === 'public.a' ? { file: 'm/1.sql', line: 7, column: 2 } : null,
        mainFile: 'watertight.config.ts',
      }),
    )['results']
    expect(first).toMatchObject({
      ruleId: 'rls-disabled',
      level: 'error',
      partialFingerprints: { 'findingKey/v1': 'rls-disabled:public.a:app:SELECT' },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'm/1.sql' }, region: { startLine: 7 } },
          logicalLocations: [{ fullyQualifiedName: 'public.a' }],
        },
      ],
    })
  })

  it('suppresses what is accepted, with the reason, and says what is not proven', () => {
    const [finding] = run(renderReport('sarif', accepted))['results']
    expect(finding.suppressions).toEqual([
      {
        kind: 'external',
        status: 'accepted',
        justification: 'accepted until 2026-03-01: moved in March',
      },
    ])
    const notes = JSON.stringify(run(renderReport('sarif', leaking))['invocations'])
    expect(notes).toContain('1 not proven: why public.b is open')
  })
})

describe('JUnit', () => {
  const attributes = (text: string): string | undefined => /<testsuites ([^>]*)>/.exec(text)?.[1]

  it('fails for a leak and an error, and errs for what is unknown', () => {
    const text = renderReport('junit', leaking)
    expect(attributes(text)).toContain('tests="6" failures="2" errors="1" skipped="0"')
    expect(text).toMatch(/<testsuite name="public\.b"[^>]*errors="1"/)
    expect(text).toContain('<error type="unknown" message="why public.b is open">')
  })

  it('never passes what is unknown: it is skipped only when that is allowed', () => {
    const allowed = renderReport('junit', leaking, { allowUnknown: true })
    expect(attributes(allowed)).toContain('failures="2" errors="0" skipped="1"')
  })

  it('errs when nothing was looked at', () => {
    expect(attributes(renderReport('junit', madeResult()))).toContain('errors="1"')
  })

  it.each([
    ['accepted', accepted],
    ['in the baseline', baselined],
  ])('skips a leak that is %s, and its finding', (_what, result) => {
    const text = renderReport('junit', result)
    expect(attributes(text)).toContain('tests="3" failures="0" errors="0" skipped="2"')
    expect(text).toContain('message="leak, ')
  })
})

describe('Markdown', () => {
  it('says the verdict first and folds the rest', () => {
    const text = renderReport('markdown', leaking)
    expect(text).toMatch(
      /^## ❌ watertight check: does not hold\n\n1 error, 1 warning, 1 of 3 proven/,
    )
    expect(text.indexOf('rls-disabled')).toBeLessThan(text.indexOf('sequence-readable'))
    expect(text).toContain('```sql\nalter table public.a enable row level security;\n```')
  })

  it('fits a comment on GitHub however much there is, and says what was cut', () => {
    const findings = Array.from({ length: 2_000 }, (_, index) =>
      madeFinding('rls-disabled', 'error', `public.t${index}`),
    )
    const text = renderMarkdown(madeResult({ findings }))
    expect(text.length).toBeLessThanOrEqual(65_536)
    expect(text.length).toBeGreaterThan(60_000)
    expect(text).toMatch(/\*\*Cut to fit 65536 characters\*\*: \d+ errors\./)
    expect(text).toContain('public.t0')
  })

  it('closes no fence early', () => {
    const finding = { ...madeFinding('x', 'error', 'public.a'), fix: { sql: '```\n<img>' } }
    expect(renderReport('markdown', madeResult({ findings: [finding] }))).toContain(
      '````sql\n```\n<img>\n````',
    )
  })
})

describe('GitHub annotations', () => {
  it('come worst first, with the place, at most ten of a level, the rest in the log', () => {
    const findings = Array.from({ length: 14 }, (_, index) =>
      madeFinding('rls-disabled', 'error', `public.t${index}`),
    )
    const placeOf = (): { file: string; line: number; column: number } => ({
      file: 'm,1.sql',
      line: 2,
      column: 1,
    })
    const text = renderReport('github', madeResult({ findings }), { placeOf })
    const lines = text.trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10)
    expect(lines[0]).toBe(
      '::error file=m%2C1.sql,line=2,col=1,title=rls-disabled%3A public.t0::rows of public.t0 are open%0Afix: alter table public.t0 enable row level security;%0Ahttps://watertight.dev/rules/rls-disabled',
    )
    expect(lines.filter((line) => line.startsWith('- error: '))).toHaveLength(4)
    expect(lines.at(-1)).toContain('does not hold: 14 errors')
  })

  it('warn about what is not proven', () => {
    expect(renderReport('github', leaking)).toContain(
      '::warning title=watertight%3A not proven::1 cells: why public.b is open',
    )
  })
})

describe('the HTML report', () => {
  it('runs and loads nothing: its policy allows one style, by its hash', async () => {
    const text = renderReport('html', hostileResult())
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? ''
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    const hash = Buffer.from(digest).toString('base64')
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    )
    expect(text).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|src=|@import|url\(/i)
    expect(text.match(/href="[^"#]/g)).toBeNull()
  })

  it('has one main heading, real tables with captions and headings, and a section for each link', () => {
    const text = renderReport('html', leaking)
    expect(text.match(/<h1[ >]/g)).toHaveLength(1)
    expect(text).toContain('<html lang="en">')
    const tables = text.match(/<table/g)?.length ?? 0
    expect(tables).toBeGreaterThan(3)
    expect(text.match(/<caption/g)).toHaveLength(tables)
    expect(text.match(/<thead/g)).toHaveLength(tables)
    const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
    const links = [...text.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)
    expect(links.length).toBeGreaterThan(8)
    expect(links.filter((id) => !ids.has(id))).toEqual([])
  })

  it('says what was proven under which assumptions, what was not, what is accepted until when', () => {
    const proven = {
      ...madeRow('public.c', 'SELECT', 'proven'),
      assumptions: ['the key is secret'],
    }
    const text = renderReport(
      'html',
      madeResult({ ...leaking, coverage: [...leaking.coverage, proven] }),
    )
    expect(text).toContain('the key is secret')
    expect(text).toContain('1 cell: why public.b is open')
    expect(text).toContain('select from public.a')
    expect(text).toContain('PostgreSQL 16.3 (160003)')
    expect(text).toContain('c'.repeat(64))
    expect(renderReport('html', accepted)).toContain('moved in March')
  })

  it('never calls it holding while a known error is in the baseline', () => {
    expect(renderReport('html', baselined)).toContain('Nothing new, but does not hold')
  })
})
