import type { CopyConsumer } from './copy-consumer.js'
import type { CopySource } from './copy-source.js'

/** What the last statement of a flight streams. */
export type FlightCopy =
  | { readonly direction: 'out'; readonly consumer: CopyConsumer }
  | { readonly direction: 'in'; readonly source: CopySource }
