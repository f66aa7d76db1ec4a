import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeOf } from './axe.js'
import type { Visitor } from './browser.js'
import { settled } from './places.js'

/** Waits until the page says so. */
export async function said(page: Page, text: string): Promise<void> {
  await page.getByRole('status').getByText(text).first().waitFor()
}

/** Types the name of a tenant into the dialogue that is open, with what else it asks, and agrees. */
export function confirmer(
  name: string,
): (page: Page, button: string, reason?: string) => Promise<void> {
  return async (page, button, reason) => {
    const dialogue = page.getByRole('dialog')
    const agree = dialogue.getByRole('button', { name: button, exact: true })
    expect(await agree.isDisabled()).toBe(true)
    if (reason !== undefined) await dialogue.getByLabel(/^Reason/).fill(reason)
    await dialogue.getByLabel(/^Type/).fill(name)
    await agree.click()
  }
}

/** Nothing is wrong with the page for who sees it by other means, nor in the browser's log. */
export async function isSound(visitor: Visitor): Promise<void> {
  await settled(visitor)
  expect(await axeOf(visitor.page)).toEqual([])
  expect(visitor.watch.problems()).toEqual([])
}
