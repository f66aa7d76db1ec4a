import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import { eventsRoutes } from '../events/routes.js'
import { tenantsWithWork } from '../workers/tenants-with-work.js'
import { filled } from './default-texts.js'
import { mailWork } from './mail-work.js'
import type { Mailer } from './mailer.js'
import { MailRefused } from './mailer.js'
import { smtpMailer } from './smtp-mailer.js'

const tenantId = demo.tenants.events
const received: { readonly to: string; readonly text: string }[] = []
/** What the mail server says to a recipient; null to take the message. */
let refusal: { readonly code: number } | null = null

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo: (_address, _session, done) => {
    done(refusal === null ? null : Object.assign(new Error('no'), { responseCode: refusal.code }))
  },
  onData: (stream, { envelope }, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      for (const { address } of envelope.rcptTo) received.push({ to: address, text })
      done()
    })
  },
})

let api: PlatformApi
let mailer: Mailer
let event: string
let ticketTypeId: string
beforeAll(async () => {
  api = await openPlatformApi({ routes: eventsRoutes, rateLimits: null })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  mailer = smtpMailer({
    url: `smtp://127.0.0.1:${String(port)}`,
    from: 'Tickets <no-reply@x.example>',
  })
  // What the demo left queued is none of this.
  await api.database.admin.query('delete from notify.notification_logs')
  const { rows } = await api.database.admin.query<{ path: string; type: string }>(
    `select format('/public/o/%s/e/%s', t.slug, e.slug) as path, k.id as type
     from evt.events e join core.tenants t on t.id = e.tenant_id
     join evt.ticket_types k on k.event_id = e.id and k.tenant_id = e.tenant_id
     where e.id = $1 and not k.is_hidden and k.archived_at is null and k.sold < k.quantity limit 1`,
    [demo.events.eventsPublished],
  )
  event = rows[0]?.path ?? ''
  ticketTypeId = rows[0]?.type ?? ''
})
afterAll(async () => {
  await mailer.close()
  await new Promise<void>((resolve) => server.close(resolve))
  await api.close()
})
afterEach(async () => {
  refusal = null
  received.length = 0
  await api.database.admin.query('delete from notify.notification_logs')
})

const signal = new AbortController().signal
const send = (with_: Mailer = mailer): Promise<number> =>
  mailWork(api.opened.tx, { mailer: with_, backOff: { first: 0, factor: 1, most: 0 } })(
    tenantId,
    signal,
  )

async function register(email: string, name = 'A. Guest'): Promise<number> {
  const body = { name, email, ticketTypeId }
  return (await api.call(null, 'POST', `${event}/registrations`, { body })).status
}

async function log(): Promise<Record<string, unknown>[]> {
  const { rows } = await api.database.admin.query<Record<string, unknown>>(
    `select tenant_id, status, recipient_address, attempts, error, due_at is null as is_over
     from notify.notification_logs order by created_at`,
  )
  return rows
}

describe('mails', () => {
  it('bring a visitor the code that confirms their seat', async () => {
    expect(await register('ann@guests.example')).toBe(202)
    expect(await tenantsWithWork(api.opened.tx, 'mail', 10)).toContain(tenantId)
    expect(await send()).toBe(1)
    expect(received).toMatchObject([{ to: 'ann@guests.example' }])
    const code = /code:=?\s+([0-9A-Z-]{8,})/.exec(received[0]?.text ?? '')?.[1]
    const body = { email: 'ann@guests.example', code }
    const confirmed = await api.call(null, 'POST', `${event}/registrations/confirm`, { body })
    expect(confirmed).toMatchObject({ status: 200, body: { state: 'confirmed' } })
    expect(await log()).toMatchObject([
      { tenant_id: tenantId, status: 'sent', attempts: 1, is_over: true },
      { status: 'queued', recipient_address: 'ann@guests.example' },
    ])
    expect(await send()).toBe(1)
    expect(await send()).toBe(0)
    expect(await tenantsWithWork(api.opened.tx, 'mail', 10)).not.toContain(tenantId)
  })

  it('go to an address once, however often somebody asks for it', async () => {
    for (let count = 0; count < 4; count += 1) await register('bob@guests.example')
    expect(await send()).toBe(1)
  })

  it('cannot be made to go elsewhere, or to have other headers, by what a visitor writes', async () => {
    const name = 'Eve\r\nBcc: all@example.com'
    expect([202, 400]).toContain(await register('eve@guests.example', name))
    await api.database.admin.query(
      `insert into notify.notification_logs (tenant_id, recipient_address, channel, subject, body, due_at)
       values ($1, 'x@guests.example, all@example.com', 'email', E'a\r\nBcc: all@example.com', 'b', now())`,
      [tenantId],
    )
    await send()
    expect(received.map(({ to }) => to)).not.toContain('all@example.com')
    const headers = received.map(({ text }) => text.split('\r\n\r\n')[0] ?? '')
    expect(headers.filter((header) => /^bcc:/im.test(header))).toEqual([])
  })

  it('are tried again when the server is busy, and given up in the end', async () => {
    await register('cleo@guests.example')
    refusal = { code: 451 }
    await send()
    expect(await log()).toMatchObject([{ status: 'queued', attempts: 1, is_over: false }])
    refusal = null
    await send()
    expect(await log()).toMatchObject([{ status: 'sent', attempts: 2, error: null }])
    await register('dora@guests.example')
    refusal = { code: 451 }
    for (let count = 0; count < 8; count += 1) await send()
    expect((await log())[1]).toMatchObject({
      status: 'bounced',
      attempts: 8,
      error: 'given up after 8 attempts',
    })
    expect(await send()).toBe(0)
  })

  it('that are refused for good are not tried again', async () => {
    await register('nobody@guests.example')
    refusal = { code: 550 }
    await send()
    expect(await log()).toMatchObject([
      { status: 'bounced', attempts: 1, error: 'refused with 550' },
    ])
    expect(received).toEqual([])
  })

  it('are sent once by several workers, and again after one that died', async () => {
    for (let count = 0; count < 6; count += 1)
      await register(`many-${String(count)}@guests.example`)
    await Promise.all([send(), send(), send()])
    expect(new Set(received.map(({ to }) => to)).size).toBe(6)
    expect(received).toHaveLength(6)
    await register('late@guests.example')
    const dying: Mailer = { ...mailer, send: () => new Promise(() => undefined) }
    void mailWork(api.opened.tx, { mailer: dying, lease: 1 })(tenantId, signal)
    await expect
      .poll(async () => ((await send()) > 0 ? received.at(-1)?.to : null), { timeout: 10_000 })
      .toBe('late@guests.example')
  })

  it('are not sent without TLS to a server elsewhere', async () => {
    const elsewhere = smtpMailer({ url: 'smtp://mail.invalid:25', from: 'a@x.example' })
    const mail = { id: 'x', to: 'a@b.example', subject: 's', text: 't' }
    await expect(elsewhere.send(mail)).rejects.not.toBeInstanceOf(MailRefused)
    await elsewhere.close()
  })
})

it('puts values where the text has room for them, once', () => {
  const values = { name: '{{code}}', code: '42' }
  expect(filled('{{ name }} {{code}} {{other}} {{toString}}', values)).toBe('{{code}} 42  ')
})
