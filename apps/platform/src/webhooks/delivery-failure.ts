/** Why an attempt did not deliver, in words that stay the same. */
export const failureClasses = [
  /** The URL, its port or an address it leads to is not allowed. */
  'target_refused',
  /** The name has no address, or its servers did not answer. */
  'name_not_resolved',
  'connection_failed',
  'tls_failed',
  'timed_out',
  /** What came back is not HTTP, or ended too early. */
  'protocol',
  /** A redirect; none is followed. */
  'redirect',
  /** 410: the receiver wants no more. */
  'gone',
  'client_error',
  'server_error',
  /** The credential of the destination cannot be opened or used. */
  'credential',
  /** The destination was switched off or deleted. */
  'destination_disabled',
  /** The worker that made the attempt ended before it could record how it went. */
  'abandoned',
] as const

/** One of {@link failureClasses}. */
export type FailureClass = (typeof failureClasses)[number]

/** Ends an attempt. The message is shown to the tenant: it names no address inside the platform. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure'
  readonly failure: FailureClass

  constructor(failure: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}
