import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { confirmer, isSound, said } from './ending-steps.js'
import { environment } from './environment.js'
import { makeTenant } from './make-tenant.js'

const visitors = useBrowser()
const slug = `erased-${Date.now().toString(36)}`
const name = `Erased ${slug.slice(7)}`
const confirm = confirmer(name)

/** Runs a statement about the tenant as who owns the tables. */
async function asOwner(text: string): Promise<readonly { readonly id: string }[]> {
  const client = new pg.Client({ connectionString: environment.databaseUrl })
  await client.connect()
  try {
    return (await client.query<{ id: string }>(text, [slug])).rows
  } finally {
    await client.end()
  }
}

let files = ''

it('lets the administrator of a tenant take its data', async () => {
  const token = await makeTenant(visitors, { name, slug, administrator: 'jonas' })
  const { page, open } = await visitors.as('jonas')
  await open(`/invitation#${token}`)
  await page.getByRole('button', { name: 'Accept', exact: true }).click()
  await page.getByText(`You are a member of ${name}`).waitFor()
  await open(`/t/${slug}/all/exports`)
  await page.getByRole('button', { name: 'Ask for an export' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel(/^What/).selectOption('tenant_archive')
  await form.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.getByRole('button', { name: 'Download tenant.zip' }).waitFor()
  const [tenant] = await asOwner('select id from core.tenants where slug = $1')
  files = join(environment.exports, tenant?.id ?? '')
  expect(existsSync(files)).toBe(true)
})

it('erases the tenant when it is due, and shows staff the proof', async () => {
  const admin = await visitors.as('jonas')
  await admin.open(`/t/${slug}/all/archive-requests`)
  await admin.page.getByRole('button', { name: 'Ask for archiving …' }).click()
  await confirm(admin.page, 'Ask', 'The contract has ended.')
  await said(admin.page, 'The platform was asked; its staff decide.')

  const first = await visitors.as('tomas')
  await first.open('/platform/archive-requests?status=pending')
  await first.page.getByRole('button', { name: `Approve ${name}` }).click()
  await confirm(first.page, 'Archive')
  await said(first.page, 'The tenant was archived.')
  await first.open('/platform/?status=archived')
  await first.page.getByRole('link', { name }).click()
  await first.page.getByRole('button', { name: 'Ask for erasure …' }).click()
  await first.page.getByRole('dialog').getByLabel('The tenant has its data').check()
  await confirm(first.page, 'Ask', 'Contract 13 ended.')
  await first.page.waitForURL(/\/erasures\//)

  const second = await visitors.as('amara')
  const { page } = second
  await second.open('/platform/erasures?status=pending')
  await page.getByRole('link', { name }).click()
  await page.getByRole('button', { name: 'Approve …' }).click()
  await confirm(page, 'Approve')
  await page.getByText('The tenant will be erased').waitFor()
  // Nobody waits a quarter of an hour here. From now on the eraser is alone with it.
  const due = await asOwner(
    `update core.erasures set due_at = clock_timestamp()
     where subject_slug = $1 and status = 'approved' returning id`,
  )
  expect(due).toHaveLength(1)

  await page.getByText('the browser has compared it').waitFor()
  const proof = page.getByRole('region', { name: 'Proof' })
  await proof.getByText('Rows deleted').waitFor()
  const members = page.getByRole('row', { name: /^core\.memberships / })
  expect(await members.getByRole('cell').allInnerTexts()).toEqual([
    'core.memberships',
    '1',
    '1',
    '0',
  ])
  await page.getByText('Exported files removed').waitFor()
  await page.getByText('not yet').waitFor({ state: 'hidden' })
  expect(existsSync(files)).toBe(false)
  expect(await page.getByRole('button', { name: 'Stop …' }).count()).toBe(0)
  expect(await page.getByRole('link', { name, exact: true }).count()).toBe(0)
  await isSound(second)
  expect(await asOwner('select id from core.tenants where slug = $1')).toEqual([])
})
