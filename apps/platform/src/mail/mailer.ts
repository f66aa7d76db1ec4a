/** A message to one address, in plain text. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same at every attempt, so that receivers can tell a repeated message. */
  readonly id: string
}

/** Hands messages over to whoever brings them. */
export interface Mailer {
  /**
   * @returns the id that the provider knows the message by
   * @throws {MailRefused} when it will never be taken; anything else when it may be later.
   */
  send(mail: Mail): Promise<string>
  close(): Promise<void>
}

/** The provider refused the message for good: the address does not exist, or is none. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
