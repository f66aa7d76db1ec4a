import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { confirmer, isSound, said } from './ending-steps.js'
import { makeTenant } from './make-tenant.js'

const visitors = useBrowser()
const slug = `ending-${Date.now().toString(36)}`
const name = `Ending ${slug.slice(7)}`
const confirm = confirmer(name)

it('makes a tenant and its administrator', async () => {
  const token = await makeTenant(visitors, { name, slug, administrator: 'jonas' })
  const { page, open } = await visitors.as('jonas')
  await open(`/invitation#${token}`)
  await page.getByRole('button', { name: 'Accept', exact: true }).click()
  const joined = page.getByText(`You are a member of ${name}`)
  await joined.waitFor()
  expect(await joined.count()).toBe(1)
})

it('archives a tenant whose administrator asks for it, once staff agree', async () => {
  const admin = await visitors.as('jonas')
  await admin.open(`/t/${slug}/all/archive-requests`)
  await admin.page.getByRole('button', { name: 'Ask for archiving …' }).click()
  await confirm(admin.page, 'Ask', 'The contract has ended.')
  await said(admin.page, 'The platform was asked; its staff decide.')
  await admin.page.getByRole('cell', { name: 'The contract has ended.' }).waitFor()
  expect(await admin.page.getByRole('button', { name: 'Ask for archiving …' }).count()).toBe(0)
  await isSound(admin)

  const staff = await visitors.as('tomas')
  await staff.open('/platform/archive-requests?status=pending')
  await staff.page.getByRole('button', { name: `Approve ${name}` }).click()
  await confirm(staff.page, 'Archive')
  await said(staff.page, 'The tenant was archived.')
  await isSound(staff)
  await admin.open(`/t/${slug}/all/archive-requests`)
  expect(await admin.page.getByRole('cell', { name: 'The contract has ended.' }).count()).toBe(0)
})

it('erases it only when a second person of staff agrees, and lets that be stopped', async () => {
  const staff = await visitors.as('tomas')
  const { page } = staff
  await staff.open('/platform/?status=archived')
  await page.getByRole('link', { name }).click()
  await page.getByText('The contract has ended.').waitFor()
  await page.getByRole('button', { name: 'Place a legal hold …' }).click()
  await page.getByLabel(/^Reason/).fill('Case 12')
  await page.getByRole('button', { name: 'Place', exact: true }).click()
  await said(page, 'Nothing of the tenant may be erased now.')
  await page.getByRole('button', { name: 'Ask for erasure …' }).click()
  await confirm(page, 'Ask', 'Contract 12 ended.')
  await page.getByRole('alert').getByText('legal hold').first().waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Release the legal hold …' }).click()
  await confirm(page, 'Release')
  await said(page, 'The legal hold was released.')
  await page.getByRole('button', { name: 'Ask for erasure …' }).click()
  await page.getByRole('dialog').getByLabel('The tenant has its data').check()
  await confirm(page, 'Ask', 'Contract 12 ended.')
  await page.waitForURL(/\/erasures\//)
  await page.getByRole('button', { name: 'Approve …' }).click()
  await confirm(page, 'Approve')
  await page.getByText('nobody approves an erasure of their own').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await isSound(staff)

  const second = await visitors.as('amara')
  await second.open('/platform/erasures?status=pending')
  await second.page.getByRole('link', { name }).click()
  await second.page.getByRole('button', { name: 'Approve …' }).click()
  await confirm(second.page, 'Approve')
  await said(second.page, 'The erasure was approved')
  await second.page.getByText('The tenant will be erased').waitFor()
  await isSound(second)

  await page.reload()
  await page.getByText('The tenant will be erased').waitFor()
  await page.getByRole('button', { name: 'Stop …' }).click()
  await page.getByRole('dialog').getByLabel(/^Why/).fill('It was the wrong contract.')
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await said(page, 'The tenant is not erased.')
  await page.getByText('It was the wrong contract.').waitFor()
  expect(await page.getByRole('button', { name: 'Stop …' }).count()).toBe(0)
  await isSound(staff)
})
