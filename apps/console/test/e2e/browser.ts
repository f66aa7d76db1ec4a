import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Account } from './accounts.js'
import { environment } from './environment.js'
import { signedInState } from './sign-in.js'
import { watchPage } from './watch.js'
import type { Watch } from './watch.js'

/** A window of a browser that shares nothing with others. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What went wrong in the page since it was opened. */
  readonly watch: Watch
  /** Loads a path of the console as a document, and waits for its heading. */
  open(path: string): Promise<void>
}

/** Opens windows; they are closed after each test. */
export interface Visitors {
  /** Somebody who has signed in at the provider; the console lets them in by itself. */
  as(account: Account, options?: BrowserContextOptions): Promise<Visitor>
  /** Nobody yet. */
  anybody(options?: BrowserContextOptions): Promise<Visitor>
  browser(): Browser
}

/** Screenshots and traces of failed tests; not in the repository. */
const results = join(import.meta.dirname, '../../test-results')

/**
 * A browser for the tests of a file. What a failed test saw is kept under `apps/console/test-results`.
 *
 * @example
 * const visitors = useBrowser()
 * it('…', async () => {
 *   const { page, open } = await visitors.as('ada')
 *   await open('/t/northgate-security/all/assets')
 * })
 */
export function useBrowser(): Visitors {
  let browser: Browser | null = null
  let open: Visitor[] = []
  const running = (): Browser => {
    if (browser === null) throw new Error('the browser has not started yet')
    return browser
  }
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: environment.chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })
  afterAll(async () => browser?.close())
  afterEach(async ({ task }) => {
    const windows = open.splice(0)
    const hasFailed = task.result?.state === 'fail'
    for (const [index, visitor] of windows.entries()) {
      if (hasFailed) await keep(visitor, `${task.name} ${String(index + 1)}`)
      await visitor.context.close()
    }
    open = []
  })
  const visit = async (options: BrowserContextOptions): Promise<Visitor> => {
    const context = await running().newContext({
      baseURL: environment.origin,
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(60_000)
    await context.tracing.start({ snapshots: true })
    const page = await context.newPage()
    const visitor: Visitor = {
      page,
      context,
      watch: watchPage(page),
      async open(path) {
        await page.goto(path)
        await page.locator('h1').first().waitFor()
      },
    }
    open.push(visitor)
    return visitor
  }
  return {
    browser: running,
    anybody: (options = {}) => visit(options),
    as: async (account, options = {}) =>
      visit({ storageState: await signedInState(running(), account), ...options }),
  }
}

async function keep({ page, context }: Visitor, name: string): Promise<void> {
  await mkdir(results, { recursive: true })
  const path = join(
    results,
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 120),
  )
  await page.screenshot({ path: `${path}.png` }).catch(() => undefined)
  await context.tracing.stop({ path: `${path}.zip` }).catch(() => undefined)
}
