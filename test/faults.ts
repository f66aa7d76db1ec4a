interface Trigger {
  /** Who sends the message that sets the fault off. */
  readonly from: 'client' | 'server'
  /** Type byte of the message (`Q`, `P`, `S`, `Z`, ...; empty for start-up); any when left out. */
  readonly message?: string
  /** The n-th such message, from 1. */
  readonly at?: number
}

/**
 * What goes wrong at a message, in the words of toxiproxy: `reset` (RST both ways, the message is
 * lost), `eof` (the connection is closed in order, the message is lost), `partial` (the first bytes
 * of the message arrive, then the connection is closed), `stall` (open, but nothing passes in
 * either direction), `latency` and `bandwidth` (from the message on, in its direction;
 * `bandwidth` from the server makes a slow consumer of the client).
 */
export type Fault = Trigger &
  (
    | { readonly kind: 'reset' | 'eof' | 'stall' }
    | { readonly kind: 'partial'; readonly bytes?: number }
    | { readonly kind: 'latency'; readonly milliseconds: number }
    | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  )

const kinds = ['reset', 'eof', 'partial', 'latency', 'bandwidth', 'stall'] as const
const messages = {
  client: ['', 'P', 'B', 'D', 'E', 'S', 'X'],
  server: ['R', 'Z', '1', '2', 'T', 'D', 'C', 'E'],
} as const

/**
 * Draws a fault; the same numbers give the same fault. `random` returns numbers in [0, 1). Leave
 * `stall` out where nothing gives up by itself.
 */
export function drawFault(
  random: () => number,
  options: { readonly kinds?: readonly Fault['kind'][]; readonly atMost?: number } = {},
): Fault {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new RangeError('nothing to draw from')
    return item
  }
  const kind = pick(options.kinds ?? kinds)
  const from = pick(['client', 'server'] as const)
  const trigger: Trigger = {
    from,
    message: pick<string>(messages[from]),
    at: 1 + Math.floor(random() * (options.atMost ?? 4)),
  }
  switch (kind) {
    case 'partial':
      return { ...trigger, kind, bytes: 1 + Math.floor(random() * 8) }
    case 'latency':
      return { ...trigger, kind, milliseconds: 1 + Math.floor(random() * 20) }
    case 'bandwidth':
      return { ...trigger, kind, bytesPerSecond: 1_000 + Math.floor(random() * 50_000) }
    default:
      return { ...trigger, kind }
  }
}
