import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()

const dialogueOf = (page: Page) => page.getByRole('dialog')

/** Fills in the open dialogue and sends it; it closes when the server has taken it. */
async function send(
  page: Page,
  values: Readonly<Record<string, string>>,
  submit: string,
): Promise<void> {
  const dialogue = dialogueOf(page)
  for (const [name, value] of Object.entries(values)) {
    await dialogue.locator(`[name="${name}"]`).fill(value)
  }
  await dialogue.getByRole('button', { name: submit, exact: true }).click()
  await dialogue.waitFor({ state: 'detached' })
}

it('takes an event from a draft to a guest who asks for a seat on its public page', async () => {
  const slug = `quay-concert-${String(Date.now())}`
  const { page, open, watch } = await visitors.as('omar')
  await open('/t/harbour-events/all/events')
  await page.getByRole('button', { name: 'Add an event' }).click()
  const times = { startsAt: '2031-03-01T19:00', endsAt: '2031-03-01T22:00' }
  await send(page, { title: 'Quay concert', slug, ...times, capacity: '50' }, 'Add as a draft')
  await page.getByRole('heading', { level: 1, name: 'Quay concert' }).waitFor()
  await page.getByRole('tab', { name: 'Ticket types' }).click()
  await page.getByRole('button', { name: 'Add a ticket type' }).click()
  await send(page, { name: 'Standing', priceCents: '12.50', quantity: '40' }, 'Add')
  await page.getByRole('cell', { name: '€12.50' }).waitFor()
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('button', { name: 'Publish' }).waitFor({ state: 'detached' })

  await page.getByRole('tab', { name: 'Check-in' }).click()
  await page.getByLabel('Ticket code').fill('ZZZZZZZZ')
  await page.getByRole('button', { name: 'Let in', exact: true }).click()
  await page.getByTestId('check-in-result').getByText('Not let in').waitFor()
  expect(watch.problems()).toEqual([])

  const guest = await visitors.anybody()
  await guest.open(`/public/o/harbour-events/e/${slug}`)
  await guest.page.getByRole('button', { name: 'Register for Standing' }).click()
  await send(guest.page, { name: 'Mia Guest', email: 'mia@guests.example' }, 'Ask for a seat')
  await guest.page.getByText('A seat is held for you for 30 minutes.').waitFor()
  expect(guest.watch.problems()).toEqual([])

  await page.getByRole('tab', { name: 'Registrations' }).click()
  await page.getByRole('row', { name: /Mia Guest.*pending/i }).waitFor()
}, 180_000)

it('takes an evaluation from its assignment to a score of a second person', async () => {
  const manager = await visitors.as('jonas')
  await manager.open('/t/lindenhof-school/all/evaluations')
  const ofClass = manager.page.getByRole('row').filter({
    has: manager.page.getByRole('cell', { name: 'Science / Physics / Class 10a', exact: true }),
  })
  await ofClass.getByRole('link').first().click()
  await manager.page.getByRole('link', { name: 'Version 1' }).click()
  await manager.page.getByRole('button', { name: 'Assign', exact: true }).click()
  const dialogue = dialogueOf(manager.page)
  await dialogue.getByRole('combobox').fill('lea b')
  await manager.page.getByRole('option', { name: 'Lea Brandt' }).click()
  await dialogue.getByRole('button', { name: 'Assign', exact: true }).click()
  await dialogue.waitFor({ state: 'detached' })

  const pupil = await visitors.as('lea')
  await pupil.open('/t/lindenhof-school/all/assignments?status=assigned')
  await pupil.page
    .getByRole('button', { name: /^Start: / })
    .first()
    .click()
  await pupil.page.getByRole('timer').getByText(/left/).waitFor()
  await pupil.page.getByRole('radio', { name: 'All of it' }).check()
  await pupil.page.getByRole('textbox', { name: 'Why?' }).fill('Because nothing was left over.')
  await pupil.page.getByRole('button', { name: 'Hand in …' }).click()
  await send(pupil.page, {}, 'Hand in')
  await pupil.page.getByText('Because nothing was left over.').waitFor()
  expect(await pupil.page.getByRole('tab').allInnerTexts()).toEqual([
    'Answers',
    'Scores',
    'Corrections',
  ])
  await pupil.page.getByRole('tab', { name: 'Scores' }).click()
  await pupil.page.getByText('Not scored yet').waitFor()
  expect(await pupil.page.getByRole('button', { name: 'Score …' }).count()).toBe(0)
  expect(pupil.watch.problems()).toEqual([])

  await manager.open(new URL(pupil.page.url()).pathname)
  await manager.page.getByRole('tab', { name: 'Scores' }).click()
  await manager.page.getByRole('button', { name: 'Score …' }).click()
  await send(manager.page, { q2: '3' }, 'Score')
  await manager.page.getByRole('cell', { name: '8 of 10' }).waitFor()
  expect(manager.watch.problems()).toEqual([])
}, 180_000)

it('lets staff ask a tenant for access, read only and for 15 minutes unless asked otherwise', async () => {
  const { page, open, watch } = await visitors.as('amara')
  await open('/platform/')
  await page.getByRole('link', { name: 'Lindenhof School' }).click()
  await page.getByRole('button', { name: 'Ask for access …' }).click()
  const asked = page.waitForRequest(/access-grant-requests$/)
  await send(page, { reason: 'Ticket 4711: results are missing' }, 'Ask')
  const body = (await asked).postDataJSON() as Readonly<Record<string, string | boolean>>
  const minutes =
    (Date.parse(String(body['expiresAt'])) - Date.parse(String(body['startsAt']))) / 60_000
  expect([body['canWrite'], minutes]).toEqual([false, 15])
  await page.getByText('The tenant was asked; its administrators decide.').waitFor()
  expect(watch.problems()).toEqual([])
})
