import type {
  Flight,
  LandedFlight,
  Session,
  Statement,
  TransactionStatus,
} from '../runtime/driver.js'
import { CancelGuard } from './cancel-guard.js'
import type { CancelOutcome } from './cancel-request.js'
import { CopyConsumer } from './copy-consumer.js'
import { CopySource } from './copy-source.js'
import type { FlightCopy } from './flight-copy.js'
import { flyAgain, isInputFailure, isReplanFailure, mayGoAgain } from './stale-statement.js'
import { checkStatement, maxPrepared, statementName } from './statement-names.js'
import type { WireCodec } from './wire-codec.js'
import type { WireLink, WireStatement } from './wire-flight.js'
import { WireFlight } from './wire-flight.js'
import type { WireMessage } from './wire-reader.js'

const maxDescribed = 1_000

/** What statements of a pool expect as parameters, by their text; at most 1,000 of them. */
export class ParameterTypes {
  readonly #known = new Map<string, readonly number[]>()

  get(text: string): readonly number[] | undefined {
    return this.#known.get(text)
  }

  keep(text: string, types: readonly number[]): void {
    this.#known.delete(text)
    this.#known.set(text, types)
    const [oldest] = this.#known.keys()
    if (this.#known.size > maxDescribed && oldest !== undefined) this.#known.delete(oldest)
  }

  forget(text: string): void {
    this.#known.delete(text)
  }
}

export interface WireSessionOptions {
  readonly link: WireLink
  readonly codec: WireCodec
  readonly parameterTypes: ParameterTypes
  /** Names of the statements that the connection has prepared; null when none are to be. */
  readonly prepared: Set<string> | null
  /** Those of them whose statement no longer fits; they are not used again. */
  readonly stale: Set<string>
  /** Those that the server is to close before it prepares anything under them again. */
  readonly closing: Set<string>
  /** Throws for a statement that the server behind the link must not get. */
  readonly check?: (text: string) => void
  readonly requestCancel: () => Promise<CancelOutcome>
  /** Called once, when nothing can arrive for the session any more. */
  readonly release: (destroy: boolean) => void
}

/** One connection on which the driver speaks the protocol itself, held by one transaction. */
export class WireSession implements Session {
  readonly #options: WireSessionOptions
  readonly #cancels: CancelGuard
  #status: TransactionStatus = 'idle'
  #current: WireFlight | null = null
  #lost: { readonly cause: unknown } | null = null

  constructor(options: WireSessionOptions) {
    this.#options = options
    this.#cancels = new CancelGuard(options.requestCancel)
  }

  /** A message of the server; those that belong to no flight go elsewhere. */
  accept(message: WireMessage): void {
    this.#current?.accept(message)
  }

  /** The connection is gone. */
  lose(cause: unknown): void {
    this.#lost ??= { cause }
    this.#current?.lose(cause)
  }

  async flight(statements: readonly Statement[]): Promise<Flight> {
    const wasIdle = this.#status === 'idle'
    const outcome = await this.#fly(statements, null)
    if (outcome.kind === 'lost') return outcome
    const stale = this.#staleName(outcome, statements)
    if (stale === null) return outcome
    if (isInputFailure(outcome)) this.#retire(stale)
    else this.#options.stale.add(stale)
    if (!wasIdle || !mayGoAgain(outcome, statements)) return outcome
    return flyAgain(outcome, statements, (again) => this.#fly(again, null))
  }

  #retire(name: string): void {
    this.#options.prepared?.delete(name)
    this.#options.closing.add(name)
  }

  #staleName(flight: LandedFlight, statements: readonly Statement[]): string | null {
    if (!isReplanFailure(flight) && !isInputFailure(flight)) return null
    const failed = statements[flight.failure?.index ?? 0]
    const name = failed === undefined ? null : this.#nameOf(failed)
    return name !== null && this.#options.prepared?.has(name) === true ? name : null
  }

  copyOut(
    statements: readonly Statement[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
  ): Promise<Flight> {
    // The rest of the data is not wanted; without a cancel the server would send all of it.
    const consumer = new CopyConsumer(onChunk, () => void this.cancel())
    return this.#fly(statements, { direction: 'out', consumer })
  }

  copyIn(statements: readonly Statement[], source: AsyncIterable<Uint8Array>): Promise<Flight> {
    return this.#fly(statements, { direction: 'in', source: new CopySource(source) })
  }

  cancel(): Promise<void> {
    if (this.#lost !== null || this.#current === null) return Promise.resolve()
    this.#current.interrupt()
    return this.#cancels.cancel()
  }

  async #fly(statements: readonly Statement[], copy: FlightCopy | null): Promise<Flight> {
    if (this.#cancels.pending !== null) await this.#cancels.pending
    if (this.#lost !== null) {
      if (copy?.direction === 'in') copy.source.stop()
      return { kind: 'lost', sent: false, refused: false, cause: this.#lost.cause }
    }
    const entries: WireStatement[] = []
    for (const [index, statement] of statements.entries()) {
      try {
        entries.push(this.#entry(statement))
      } catch (cause) {
        if (copy?.direction === 'in') copy.source.stop()
        const failure = { index, origin: 'client', cause } as const
        return { kind: 'landed', results: [], failure, status: this.#status }
      }
    }
    const { link, codec, prepared, closing, parameterTypes } = this.#options
    const flight = new WireFlight(entries, {
      link,
      codec,
      copy,
      closing: closing.size === 0 ? [] : [...closing],
      onPrepared: (name) => prepared?.add(name),
      onTypes: ({ text }, types) => parameterTypes.keep(text, types),
    })
    this.#current = flight
    closing.clear()
    this.#cancels.started()
    flight.start()
    const outcome = await flight.outcome
    this.#current = null
    this.#cancels.landed(flight.wasCancelled)
    if (outcome.kind === 'lost') this.#lost ??= outcome
    else this.#status = outcome.status
    if (outcome.kind === 'landed' && outcome.failure?.origin === 'server') {
      // The failure may come from types that have changed since they were learned.
      parameterTypes.forget(statements[outcome.failure.index]?.text ?? '')
    }
    if (flight.wasForgotten) prepared?.clear()
    return outcome
  }

  #entry(statement: Statement): WireStatement {
    const { text, values } = statement
    const { codec, parameterTypes, prepared } = this.#options
    checkStatement(text, values)
    this.#options.check?.(text)
    const types = this.#ownTypes(values)
    const known = parameterTypes.get(text)
    const isClear = known !== undefined || !values.some((value) => codec.needsType(value))
    const name = this.#nameOf(statement)
    return {
      statement,
      name,
      isPrepared: name !== null && prepared?.has(name) === true,
      types,
      values: isClear
        ? values.map((value, index) => codec.encode(value, types[index] || (known?.[index] ?? 0)))
        : null,
    }
  }

  /** The types that the values name; none where no value names one. */
  #ownTypes(values: readonly unknown[]): readonly number[] {
    const own = values.map((value) => this.#options.codec.typeOf(value))
    return own.some((type) => type !== 0) ? own : []
  }

  #nameOf({ text, values }: Statement): string | null {
    const { prepared, stale } = this.#options
    if (prepared === null) return null
    const types = this.#ownTypes(values)
    const key = types.length === 0 ? text : `${types.join(',')}\0${text}`
    const name = statementName(key, values)
    if (name === null || stale.has(name)) return null
    return prepared.has(name) || prepared.size < maxPrepared ? name : null
  }

  release(destroy: boolean): void {
    const release = (): void => {
      const { pending } = this.#cancels
      if (pending !== null) void pending.then(release)
      else this.#options.release(destroy || this.#lost !== null || this.#cancels.tainted)
    }
    release()
  }
}
