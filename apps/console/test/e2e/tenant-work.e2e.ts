import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()
const northgate = '/t/northgate-security/all'

/** A name that no other run has used. */
const fresh = (what: string): string => `${what} ${Date.now().toString(36)}`

async function said(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('status').getByText(text).first().waitFor()
}

describe('an administrator', () => {
  it('works on an alert from raising it to its closed ticket', async () => {
    const { page, open, watch } = await visitors.as('ada')
    await open(`${northgate}/alerts`)
    const title = fresh('Door held open')
    await page.getByRole('button', { name: 'Raise an alert' }).click()
    await page.getByLabel('Title', { exact: false }).fill(title)
    await page.getByRole('button', { name: 'Raise', exact: true }).click()
    await said(page, 'The alert was raised.')
    await page.getByRole('link', { name: title }).click()
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await said(page, 'The alert was acknowledged.')
    await page.getByRole('button', { name: 'Assign' }).click()
    await page.getByRole('dialog').getByRole('combobox').fill('ada')
    await page.getByRole('option', { name: 'Ada Berger' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
    await said(page, 'The alert was assigned.')
    await page.getByRole('button', { name: 'Open a ticket' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
    await page.waitForURL(/\/tickets\//)
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await said(page, 'The ticket is closed.')
    await page.getByRole('link', { name: 'Open the alert' }).click()
    await page.getByRole('button', { name: 'Resolve' }).click()
    await page.getByLabel('What came of it').fill('Somebody had wedged it.')
    await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
    await said(page, 'The alert was resolved.')
    expect(await page.getByRole('button', { name: 'Resolve' }).count()).toBe(0)
    expect(watch.problems()).toEqual([])
  }, 60_000)

  it('sees the secret of an enrolment token once, and revokes it by its name', async () => {
    const { page, open, watch } = await visitors.as('ada')
    await open(`${northgate}/enrolment-tokens`)
    const label = fresh('Batch')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByLabel('Label').fill(label)
    await page.getByRole('button', { name: 'Make', exact: true }).click()
    const secret = await page.getByTestId('secret').innerText()
    expect(secret.length).toBeGreaterThan(20)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: `Revoke ${label}` }).click()
    const revoke = page.getByRole('dialog').getByRole('button', { name: 'Revoke' })
    expect(await revoke.isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill(label)
    await revoke.click()
    await said(page, 'The token was revoked.')
    expect(await page.locator('body').innerText()).not.toContain(secret)
    expect(watch.problems()).toEqual([])
  }, 60_000)

  it('searches the audit log, verifies its chain and exports it', async () => {
    const { page, open, watch } = await visitors.as('ada')
    await open(`${northgate}/audit?q=actor%3Aada+outcome%3Adenied`)
    const cells = page.getByRole('table').getByRole('cell')
    await cells.getByText('denied', { exact: true }).first().waitFor()
    expect(await cells.getByText('allowed', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await page.getByText(/Verified \d+ entr(y|ies) to the head\./).waitFor()
    await page.keyboard.press('Escape')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export with digest' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('audit.csv')
    await said(page, /SHA-256 [0-9a-f]{64}/)
    expect(watch.problems()).toEqual([])
  }, 60_000)

  it('grows the tree of org units', async () => {
    const { page, open, watch } = await visitors.as('ada')
    await open(`${northgate}/org-units`)
    const name = fresh('Gate')
    await page.getByRole('button', { name: 'Add below Northern site' }).click()
    await page.getByLabel(/^Name/).fill(name)
    await page.getByLabel(/^Short name/).fill(name.toLowerCase().replaceAll(' ', '-'))
    await page.getByRole('button', { name: 'Make', exact: true }).click()
    await said(page, 'The org unit was made.')
    await page.getByRole('button', { name: `Archive … ${name}` }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(name)
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click()
    await said(page, 'The org unit was archived.')
    expect(watch.problems()).toEqual([])
  }, 60_000)
})
