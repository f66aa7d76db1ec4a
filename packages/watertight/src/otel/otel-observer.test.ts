import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api'
import type { Attributes, Context, ContextManager } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acme, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import type { ObservedTransaction } from '../runtime/index.js'
import type { OtelObserverOptions } from './index.js'
import { otelObserver } from './index.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

interface Point {
  readonly attributes: Attributes
  /** The sum of a counter, the number of values of a histogram. */
  readonly count: number
}

/** The real SDK, exporting to memory. */
function telemetry() {
  const spans = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  return {
    tracer: provider.getTracer('test'),
    meter: meters.getMeter('test'),
    spans: (): readonly ReadableSpan[] => spans.getFinishedSpans(),
    async metric(name: string): Promise<{ unit: string; points: readonly Point[] }> {
      await reader.forceFlush()
      const found = exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics }) => metrics)
        .find(({ descriptor }) => descriptor.name === name)
      const points = (found?.dataPoints ?? []).map(({ attributes, value }) => ({
        attributes,
        count: typeof value === 'number' ? value : value.count,
      }))
      return { unit: found?.descriptor.unit ?? '', points }
    },
    close: () => meters.shutdown(),
  }
}

function observed(options: OtelObserverOptions = {}) {
  const sdk = telemetry()
  const { tracer, meter } = sdk
  const { tx } = harness.connect({ observer: otelObserver({ tracer, meter, ...options }) })
  return { sdk, tx }
}

const secret = 'hunter2-the-secret'

describe('otelObserver reports', () => {
  it('a lone statement as one client span by the conventions of databases', async () => {
    const { sdk, tx } = observed()
    await tx.query(acme, 'select body from app.notes where body = $1', [secret])
    const [span, ...rest] = sdk.spans()
    expect(rest).toEqual([])
    expect(span).toMatchObject({ name: 'SELECT', kind: SpanKind.CLIENT })
    expect(span?.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
      'db.response.returned_rows': 0,
      'watertight.mode': 'member',
      'watertight.transaction.kind': 'query',
      'watertight.transaction.attempt': 1,
      'watertight.transaction.outcome': 'committed',
      'watertight.transaction.statements': 1,
    })
    expect(await sdk.metric('db.client.operation.duration')).toEqual({
      unit: 's',
      points: [
        {
          attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' },
          count: 1,
        },
      ],
    })
    await sdk.close()
  })

  it('a transaction as a span with a client span for each statement', async () => {
    const { sdk, tx } = observed()
    await tx.run(acme, async (handle) => {
      await handle.query(notes.list)
      await handle.query(notes.insert, [secret])
    })
    const spans = sdk.spans()
    const parent = spans.find(({ name }) => name === 'run')
    expect(spans.map(({ name }) => name)).toEqual(['SELECT', 'INSERT', 'run'])
    expect(parent?.kind).toBe(SpanKind.INTERNAL)
    for (const child of spans.slice(0, 2)) {
      expect(child.kind).toBe(SpanKind.CLIENT)
      expect(child.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId)
    }
    expect(await sdk.metric('watertight.transaction.duration')).toMatchObject({
      unit: 's',
      points: [{ attributes: { 'watertight.transaction.outcome': 'committed' }, count: 1 }],
    })
    await sdk.close()
  })

  it('a denial with its SQLSTATE, and counts it', async () => {
    const { sdk, tx } = observed()
    const insert = 'insert into app.notes (tenant_id, body) values ($1, $2)'
    await expect(tx.query(acme, insert, ['globex', secret])).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    const [span] = sdk.spans()
    expect(span?.status.code).toBe(SpanStatusCode.ERROR)
    expect(span?.attributes).toMatchObject({
      'error.type': '42501',
      'db.response.status_code': '42501',
      'watertight.transaction.outcome': 'rolled-back',
    })
    expect(await sdk.metric('watertight.denials')).toMatchObject({
      points: [{ attributes: { 'watertight.mode': 'member' }, count: 1 }],
    })
    await sdk.close()
  })

  it('an error of the application by its class alone', async () => {
    const { sdk, tx } = observed()
    class PaymentRefused extends Error {}
    await expect(
      tx.run(acme, async (handle) => {
        await handle.query(notes.list)
        throw new PaymentRefused(secret)
      }),
    ).rejects.toThrow(secret)
    const parent = sdk.spans().find(({ name }) => name === 'run')
    expect(parent?.attributes['error.type']).toBe('PaymentRefused')
    expect(parent?.status).toEqual({ code: SpanStatusCode.ERROR })
    await sdk.close()
  })

  it('nothing of values, parameters and tenants unless it is told to', async () => {
    const { sdk, tx } = observed({ statementText: true })
    await tx.query(acme, `select body from app.notes where body = '${secret}' or body = $1`, [
      secret,
    ])
    await tx.run(acme, (handle) => handle.query(notes.insert, [secret]))
    const broken = tx.query(acme, `select ${secret.length} / 0, '${secret}'`)
    await expect(broken).rejects.toMatchObject({ sqlState: '22012' })
    const told = JSON.stringify(
      sdk.spans().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    )
    expect(told).toContain('select body from app.notes where body = ? or body = $1')
    expect(told).not.toContain(secret)
    expect(told).not.toContain('acme')
    await sdk.close()
  })

  it('the tenant on spans when it is told to, plain or hashed with a key, never on metrics', async () => {
    const plain = observed({ tenantAttribute: 'plain' })
    await plain.tx.query(acme, notes.list)
    expect(plain.sdk.spans()[0]?.attributes['watertight.tenant.id']).toBe('acme')

    const hashes = new Set<unknown>()
    for (const hashKey of ['0123456789abcdef', 'fedcba9876543210']) {
      const { sdk, tx } = observed({ tenantAttribute: { hashKey } })
      await tx.query(acme, notes.list)
      await tx.query(acme, notes.list)
      const [first, second] = sdk.spans()
      const hash = first?.attributes['watertight.tenant.hash']
      expect(hash).toMatch(/^[0-9a-f]{16}$/)
      expect(second?.attributes['watertight.tenant.hash']).toBe(hash)
      hashes.add(hash)
      const { points } = await sdk.metric('db.client.operation.duration')
      expect(JSON.stringify(points)).not.toMatch(/tenant/)
      await sdk.close()
    }
    expect(hashes.size).toBe(2)
    expect(() => otelObserver({ tenantAttribute: { hashKey: 'short' } })).toThrow(/16 bytes/)
    await plain.sdk.close()
  })

  it('retries, slow transactions and unknown outcomes', async () => {
    const sdk = telemetry()
    const { tracer, meter } = sdk
    const observer = otelObserver({ tracer, meter })
    const { tx } = harness.connect({ observer, slowAfter: 0 })
    let attempts = 0
    await tx.run(
      acme,
      async (handle) => {
        attempts += 1
        await handle.query(
          attempts === 1
            ? `do $$ begin raise exception using errcode = '40001'; end $$`
            : notes.list,
        )
      },
      { retry: { attempts: 2 } },
    )
    const names = sdk.spans().filter(({ name }) => name === 'run')
    expect(names.map(({ attributes }) => attributes['watertight.transaction.attempt'])).toEqual([
      1, 2,
    ])
    expect(await sdk.metric('watertight.retries')).toMatchObject({
      points: [{ attributes: { 'error.type': '40001' }, count: 1 }],
    })
    const { points } = await sdk.metric('watertight.slow_transactions')
    expect(points[0]?.count).toBe(2)
    const transaction: ObservedTransaction = {
      kind: 'query',
      context: acme,
      readOnly: false,
      isolationLevel: null,
      attempt: 1,
    }
    observer.onUnknownOutcome?.({
      transaction,
      outcome: 'unknown',
      durationMs: 1,
      statements: 1,
      error: null,
      inBackground: false,
    })
    expect((await sdk.metric('watertight.unknown_outcomes')).points[0]?.count).toBe(1)
    await sdk.close()
  })
})

describe('otelObserver', () => {
  it('puts its spans below the span that is active where the transaction begins', async () => {
    const storage = new AsyncLocalStorage<Context>()
    const active = (): Context => storage.getStore() ?? ROOT_CONTEXT
    const contexts: ContextManager = {
      active,
      with: (given, fn, self, ...args) => storage.run(given, () => fn.call(self as never, ...args)),
      bind: (_, target) => target,
      enable: () => contexts,
      disable: () => contexts,
    }
    context.setGlobalContextManager(contexts)
    try {
      const { sdk, tx } = observed()
      const request = sdk.tracer.startSpan('request')
      await context.with(trace.setSpan(context.active(), request), async () => {
        await tx.query(acme, notes.list)
        await tx.run(acme, (handle) => handle.query(notes.list))
      })
      const { spanId, traceId } = request.spanContext()
      const spans = sdk
        .spans()
        .filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId)
      expect(spans.map(({ name }) => name)).toEqual(['SELECT', 'run'])
      expect(new Set(sdk.spans().map((span) => span.spanContext().traceId))).toEqual(
        new Set([traceId]),
      )
      await sdk.close()
    } finally {
      context.disable()
    }
  })

  it('does nothing, and no harm, when no SDK is registered', async () => {
    const { tx } = harness.connect({ observer: otelObserver({ statementText: true }) })
    const { rows } = await tx.query(acme, notes.list)
    expect(rows).toHaveLength(2)
  })
})
