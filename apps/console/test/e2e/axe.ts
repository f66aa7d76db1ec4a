import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeGlobal {
  readonly axe?: {
    run(
      page: Document,
      options: object,
    ): Promise<{
      readonly violations: readonly {
        readonly id: string
        readonly help: string
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
      }[]
    }>
  }
}

/** The success criteria of WCAG 2.2 AA that axe can judge. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe finds wrong with a page, as lines. The debugger's protocol runs it, so the page's policy
 * stays as it is.
 */
export async function axeOf(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source)
  return page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as AxeGlobal
    if (axe === undefined) throw new Error('axe did not load')
    const { violations } = await axe.run(document, {
      runOnly: { type: 'tag', values: only },
      // Experimental in axe: it takes symbols, which the name says in words, for text.
      rules: { 'label-content-name-mismatch': { enabled: false } },
      resultTypes: ['violations'],
    })
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary = '' }) =>
          `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary.replaceAll(/\s+/g, ' ')}`,
      ),
    )
  }, tags)
}
