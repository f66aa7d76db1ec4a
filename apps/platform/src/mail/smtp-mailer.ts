import { createTransport } from 'nodemailer'
import type { Mailer } from './mailer.js'
import { MailRefused } from './mailer.js'

const loopback = /^(localhost|127\.[0-9.]+|\[::1\])$/
const milliseconds = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

/** What a mail server is told, beside its address. */
export interface SmtpOptions {
  /** `smtps://user:password@mail.example`, or `smtp://` with STARTTLS. */
  readonly url: string
  /** Sender of every message: `Tickets <tickets@example.com>`. */
  readonly from: string
}

/**
 * Sends through a mail server. SECURITY: without TLS only over the loopback: mails hold the codes that
 * open tickets.
 */
export function smtpMailer({ url, from }: SmtpOptions): Mailer {
  const { hostname, protocol, port, username, password } = new URL(url)
  const isSecure = protocol === 'smtps:'
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (isSecure ? 465 : 587),
    secure: isSecure,
    requireTLS: !isSecure && !loopback.test(hostname),
    ignoreTLS: !isSecure && loopback.test(hostname),
    pool: true,
    // No text of a tenant may make the server read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...milliseconds,
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
  })
  return {
    async send({ id, to, subject, text }) {
      const messageId = `<${id}@${hostname.replace(/[^a-z0-9.-]/gi, '')}>`
      try {
        // As an object, so that an address is one address whatever it holds.
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text, messageId })
        return messageId
      } catch (cause) {
        const { responseCode = 0, code } = Object(cause) as { responseCode?: number; code?: string }
        // 5xx is for good (RFC 5321, section 4.2.1), but for a login that does not work.
        if (responseCode >= 500 && code !== 'EAUTH') {
          throw new MailRefused(`refused with ${String(responseCode)}`, { cause })
        }
        throw cause
      }
    },
    close() {
      transport.close()
      return Promise.resolve()
    },
  }
}
