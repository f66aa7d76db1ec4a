import type { Send, ServerTransaction } from './server-transaction.js'
import type { Statement } from './driver.js'
import { setSavepoint } from './riders.js'

/** Bytes or text; text is sent as UTF-8. */
export type CopySource = AsyncIterable<Uint8Array | string>

const encoder = new TextEncoder()

/** Runs `COPY ... FROM STDIN` with what a source yields; resolves with the number of rows. */
export async function copyFrom(
  server: ServerTransaction,
  statement: Statement,
  source: CopySource,
): Promise<number> {
  let failure: { readonly error: unknown } | null = null
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk
      }
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  const send: Send = (session, statements) => session.copyIn(statements, bytes())
  try {
    const [result] = await server.inTurn(() => server.send([statement], send))
    return result?.rowCount ?? 0
  } catch (error) {
    throw sourceError(failure) ?? error
  }
}

function sourceError(failure: { readonly error: unknown } | null): unknown {
  return failure?.error
}

/** One chunk at a time from the server to a consumer that may stop. */
class Channel {
  #chunk: Uint8Array | null = null
  #failure: Error | null = null
  #ended = false
  #taken: () => void = () => undefined
  #arrived: () => void = () => undefined
  stopped = false

  /** Resolves once the consumer asks for more: until then the server is not read from. */
  readonly push = (chunk: Uint8Array): Promise<void> => {
    if (this.stopped) return Promise.reject(new ConsumerStopped())
    this.#chunk = chunk
    this.#arrived()
    return new Promise((resolve, reject) => {
      this.#taken = () => (this.stopped ? reject(new ConsumerStopped()) : resolve())
    })
  }

  readonly end = (): void => {
    this.#ended = true
    this.#arrived()
  }

  readonly fail = (error: Error): void => {
    this.#failure = error
    this.end()
  }

  async take(): Promise<Uint8Array | null> {
    this.#taken()
    for (;;) {
      const chunk = this.#chunk
      this.#chunk = null
      if (chunk !== null) return chunk
      if (this.#failure !== null) throw this.#failure
      if (this.#ended) return null
      await new Promise<void>((resolve) => (this.#arrived = resolve))
    }
  }

  readonly stop = (): void => {
    this.stopped = true
    this.#taken()
  }
}

class ConsumerStopped extends Error {
  override readonly message = 'the consumer of COPY stopped'
}

/**
 * Runs `COPY ... TO STDOUT` under a savepoint of its own, and yields chunks of bytes as the consumer
 * asks for them; a chunk need not end where a row does. Leaving the loop early cancels the COPY and
 * leaves the transaction whole.
 *
 * `perform` makes the work known to the scope of the transaction, with what stops it.
 */
export async function* copyTo(
  server: ServerTransaction,
  statement: Statement,
  perform: (task: () => Promise<void>, stop: () => void) => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const channel = new Channel()
  const copied = perform(
    () => server.inTurn(() => copyOut(server, statement, channel)),
    channel.stop,
  )
  server.signal?.addEventListener('abort', channel.stop, { once: true })
  copied.then(channel.end, channel.fail)
  let finished = false
  try {
    for (;;) {
      const chunk = await channel.take()
      if (chunk === null) break
      yield chunk
    }
    finished = true
  } finally {
    if (!finished) channel.stop()
    await copied.catch(() => undefined)
    server.signal?.removeEventListener('abort', channel.stop)
  }
}

async function copyOut(
  server: ServerTransaction,
  statement: Statement,
  channel: Channel,
): Promise<void> {
  const savepoint = server.riders.newSavepoint()
  const send: Send = (session, statements) => session.copyOut(statements, channel.push)
  try {
    await server.send([setSavepoint(savepoint), statement], send)
    savepoint.set = true
    server.riders.releaseSavepoint(savepoint)
  } catch (error) {
    if (!channel.stopped || server.dead !== null) throw error
    await server.undo(savepoint)
  }
}
