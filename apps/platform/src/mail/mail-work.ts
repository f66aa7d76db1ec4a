import type { TxManager } from 'watertight/runtime'
import type { BackOff } from '../workers/back-off.js'
import { backOffDelay } from '../workers/back-off.js'
import type { Work } from '../workers/queue-loop.js'
import { markBounced, markSent, postpone, takeMails } from './mail-repository.js'
import type { DueMail } from './mail-repository.js'
import type { Mailer } from './mailer.js'
import { MailRefused } from './mailer.js'

const mailsPerTurn = 10
const maxAttempts = 8
const defaultBackOff: BackOff = { first: 30_000, factor: 3, most: 6 * 60 * 60 * 1000 }

/** How mails are sent. */
export interface MailWorkOptions {
  readonly mailer: Mailer
  readonly backOff?: BackOff
  /** Seconds that a turn may take before another worker takes its mails over; 300 by default. */
  readonly lease?: number
}

/**
 * Sends mails that are due, each at least once: what is refused for good, or fails too often, is left
 * in the log as bounced. Nothing is held in the database while the provider takes its time.
 */
export function mailWork(
  tx: Pick<TxManager, 'asWorker'>,
  { mailer, backOff = defaultBackOff, lease = 300 }: MailWorkOptions,
): Work {
  return async function sendMails(tenantId, signal) {
    const worker = (): ReturnType<typeof tx.asWorker> => tx.asWorker({ tenantId, orgScope: 'all' })
    const mails = await worker().run((db) => takeMails(db, mailsPerTurn, lease))
    for (const mail of mails) {
      // What is not begun is due again when its lease is over.
      if (signal.aborted) break
      const settle = await attempt(mailer, mail, backOff)
      await worker().run(settle)
    }
    return mails.length
  }
}

type Settle = (db: Parameters<typeof markSent>[0]) => Promise<void>

async function attempt(
  mailer: Mailer,
  { id, to, subject, body, attempts }: DueMail,
  backOff: BackOff,
): Promise<Settle> {
  try {
    const providerId = await mailer.send({ id, to, subject: subject ?? '', text: body ?? '' })
    return (db) => markSent(db, id, providerId)
  } catch (error) {
    if (error instanceof MailRefused) return (db) => markBounced(db, id, error.message)
    if (attempts >= maxAttempts) {
      return (db) => markBounced(db, id, `given up after ${String(attempts)} attempts`)
    }
    // SECURITY: not the message of the error, which can name servers of the platform.
    return (db) =>
      postpone(db, id, backOffDelay(backOff, attempts), 'the mail server did not take it')
  }
}
