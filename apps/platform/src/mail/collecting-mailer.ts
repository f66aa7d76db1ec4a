import type { Mail, Mailer } from './mailer.js'

const kept = 100

/** Sends nothing: tells what would have been sent, and keeps the last hundred. For demo and tests. */
export function collectingMailer(
  tell: (mail: Mail) => void = () => undefined,
): Mailer & { readonly mails: readonly Mail[] } {
  const mails: Mail[] = []
  return {
    mails,
    send(mail) {
      mails.push(mail)
      if (mails.length > kept) mails.shift()
      tell(mail)
      return Promise.resolve(`local-${mail.id}`)
    },
    close: () => Promise.resolve(),
  }
}
