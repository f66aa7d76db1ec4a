import { SpanKind, SpanStatusCode, context, metrics, trace } from '@opentelemetry/api'
import type { Attributes, Meter, Span, Tracer } from '@opentelemetry/api'
import type {
  ObservedStatement,
  ObservedTransaction,
  TenantContext,
  TransactionEnd,
  TxObserver,
} from '../runtime/index.js'
import { failureAttributes } from './failure-attributes.js'
import type { Instruments } from './instruments.js'
import { instrumentsOf } from './instruments.js'
import { operationOf } from './statement-operation.js'
import { withoutValues } from './statement-text.js'
import type { TenantAttribute } from './tenant-attribute.js'
import { tenantAttributes } from './tenant-attribute.js'

export interface OtelObserverOptions {
  /** The tracer `watertight` of the global provider by default. */
  readonly tracer?: Tracer
  /** The meter `watertight` of the global provider by default. */
  readonly meter?: Meter
  /** Whether spans name the tenant; false by default. */
  readonly tenantAttribute?: TenantAttribute
  /** Whether spans hold the text of statements, without the constants in it; false by default. */
  readonly statementText?: boolean
}

/**
 * An observer that reports transactions to OpenTelemetry: a span per transaction and statement,
 * the histogram `db.client.operation.duration`, and counters of denials, retries, slow transactions
 * and unknown outcomes. Parameters and rows are never reported. Without an SDK it does nothing.
 *
 * @throws INVALID_INPUT for a hash key shorter than 16 bytes.
 *
 * @example
 * ```ts
 * const tx = createTxManager({ pools, signingKey, observer: otelObserver() })
 * await tx.query(context, 'select * from invoices where id = $1', [id])
 * // span SELECT { db.system.name: postgresql, db.operation.name: SELECT, watertight.mode: member, … }
 * ```
 */
export function otelObserver(options: OtelObserverOptions = {}): TxObserver {
  return new OtelObserver(options)
}

const system = { 'db.system.name': 'postgresql' } as const

class OtelObserver implements TxObserver {
  readonly #tracer: Tracer
  readonly #instruments: Instruments
  readonly #tenant: (context: TenantContext) => Attributes
  readonly #statementText: boolean
  /** Gone with the transaction, also where its end is never told. */
  readonly #spans = new WeakMap<ObservedTransaction, Span>()

  constructor(options: OtelObserverOptions) {
    this.#tracer = options.tracer ?? trace.getTracer('watertight')
    this.#instruments = instrumentsOf(options.meter ?? metrics.getMeter('watertight'))
    this.#tenant = tenantAttributes(options.tenantAttribute ?? false)
    this.#statementText = options.statementText ?? false
  }

  onTransactionStart(transaction: ObservedTransaction): void {
    const { kind, readOnly, isolationLevel, attempt } = transaction
    const span = this.#tracer.startSpan(kind === 'query' ? 'OTHER' : kind, {
      kind: kind === 'query' ? SpanKind.CLIENT : SpanKind.INTERNAL,
      attributes: {
        ...system,
        'watertight.mode': transaction.context.mode,
        'watertight.transaction.kind': kind,
        'watertight.transaction.attempt': attempt,
        ...(readOnly && { 'watertight.transaction.read_only': true }),
        ...(isolationLevel !== null && { 'watertight.transaction.isolation': isolationLevel }),
        ...this.#tenant(transaction.context),
      },
    })
    this.#spans.set(transaction, span)
  }

  onStatement(statement: ObservedStatement): void {
    const { transaction, text, durationMs, rowCount, error } = statement
    const operation = operationOf(text)
    const attributes: Attributes = {
      ...system,
      'db.operation.name': operation,
      ...failureAttributes(error),
    }
    this.#instruments.operation.record(durationMs / 1000, attributes)
    const span = this.#spans.get(transaction)
    if (span === undefined || !span.isRecording()) return
    const detail: Attributes = {
      ...attributes,
      ...(rowCount !== null && { 'db.response.returned_rows': rowCount }),
      ...(this.#statementText && { 'db.query.text': withoutValues(text) }),
    }
    // The transaction of a lone statement is that statement.
    if (transaction.kind === 'query') {
      span.updateName(operation).setAttributes(detail)
      return
    }
    const endTime = Date.now()
    const child = this.#tracer.startSpan(
      operation,
      { kind: SpanKind.CLIENT, startTime: endTime - durationMs, attributes: detail },
      trace.setSpan(context.active(), span),
    )
    if (error !== null) child.setStatus({ code: SpanStatusCode.ERROR })
    child.end(endTime)
  }

  onTransactionEnd(end: TransactionEnd): void {
    const { transaction, outcome, durationMs, statements, error, inBackground } = end
    const failure = failureAttributes(error)
    this.#instruments.transaction.record(durationMs / 1000, {
      ...system,
      'watertight.mode': transaction.context.mode,
      'watertight.transaction.kind': transaction.kind,
      'watertight.transaction.outcome': outcome,
      ...failure,
    })
    const span = this.#spans.get(transaction)
    if (span === undefined) return
    this.#spans.delete(transaction)
    span.setAttributes({
      'watertight.transaction.outcome': outcome,
      'watertight.transaction.statements': statements,
      ...(inBackground && { 'watertight.transaction.in_background': true }),
      ...failure,
    })
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  onDenial({ context: denied }: Parameters<NonNullable<TxObserver['onDenial']>>[0]): void {
    this.#instruments.denials.add(1, { 'watertight.mode': denied.mode })
  }

  onRetry({ transaction, error }: Parameters<NonNullable<TxObserver['onRetry']>>[0]): void {
    const attributes = { 'watertight.mode': transaction.context.mode, ...failureAttributes(error) }
    this.#instruments.retries.add(1, attributes)
  }

  onSlowTransaction({ transaction }: TransactionEnd): void {
    this.#instruments.slow.add(1, {
      'watertight.mode': transaction.context.mode,
      'watertight.transaction.kind': transaction.kind,
    })
  }

  onUnknownOutcome({ transaction }: TransactionEnd): void {
    this.#instruments.unknownOutcomes.add(1, { 'watertight.mode': transaction.context.mode })
  }
}
