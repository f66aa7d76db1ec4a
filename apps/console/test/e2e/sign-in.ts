import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Account } from './accounts.js'
import { addressOf } from './accounts.js'
import { environment } from './environment.js'

/** Fills in the provider's page, which has to be shown, and waits for the console. */
export async function fillInSignIn(page: Page, account: Account): Promise<void> {
  await page.locator('[name=email]').fill(addressOf(account))
  await page.locator('[name=password]').fill(environment.password)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.startsWith('/oidc') && url.pathname !== '/callback')
  await page.locator('h1').first().waitFor()
}

/** The provider's cookie of an account, as a file; made once for all test files. */
export async function signedInState(browser: Browser, account: Account): Promise<string> {
  const path = join(environment.state, `${account}.json`)
  if (existsSync(path)) return path
  const context = await browser.newContext({ baseURL: environment.origin })
  try {
    const page = await context.newPage()
    await page.goto('/')
    await page.locator('[name=password]').waitFor()
    await fillInSignIn(page, account)
    // Two files may sign in at once: whoever is last wins, with a session as good as the other's.
    const draft = `${path}.${String(process.pid)}`
    await context.storageState({ path: draft })
    await rename(draft, path)
    return path
  } finally {
    await context.close()
  }
}
