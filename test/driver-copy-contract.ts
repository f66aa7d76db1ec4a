import { describe, expect, it } from 'vitest'
import type { Driver, Session } from 'watertight/runtime'
import { landed, requireLanded, rowOf, statement, useSession } from './driver-session.js'

/** What a driver must do with COPY; the one connection of `driver` is the caller's to close. */
export function describeCopy(
  driver: () => Driver,
  capabilities: { readonly server: boolean; readonly copyIn: boolean },
): void {
  describe('COPY', () => {
    const withSession = <Result>(use: (session: Session) => Promise<Result>): Promise<Result> =>
      useSession(driver(), use)
    const table = statement('create temp table copied (id int primary key, body text)')
    const drop = 'drop table if exists pg_temp.copied'

    it('streams out what the statements before it prepared', async () => {
      await withSession(async (session) => {
        const chunks: Uint8Array[] = []
        const flight = requireLanded(
          await session.copyOut(
            [
              statement('begin'),
              statement("select set_config('app.x', $1, true)", 'seen'),
              statement(
                "copy (select i, current_setting('app.x') from generate_series(1, 3) i) to stdout",
              ),
            ],
            (chunk) => void chunks.push(chunk),
          ),
        )
        expect(flight).toMatchObject({ failure: null, status: 'open' })
        expect(flight.results.map(({ command }) => command)).toEqual(['BEGIN', 'SELECT', 'COPY'])
        expect(flight.results[2]?.rowCount).toBe(3)
        expect(textOf(chunks)).toBe('1\tseen\n2\tseen\n3\tseen\n')
        await landed(session, ['rollback'])
      })
    })

    it('waits for its consumer, chunk by chunk, and loses nothing', async () => {
      await withSession(async (session) => {
        let running = 0
        let most = 0
        let bytes = 0
        const copy = "copy (select repeat('x', 999) from generate_series(1, 2000)) to stdout"
        const flight = await session.copyOut([statement(copy)], async (chunk) => {
          running += 1
          most = Math.max(most, running)
          if (bytes % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
          bytes += chunk.length
          running -= 1
        })
        expect(flight).toMatchObject({ failure: null, status: 'idle' })
        expect({ most, bytes }).toEqual({ most: 1, bytes: 2_000_000 })
      })
    })

    if (capabilities.server) describeEarlyEnd()
    if (capabilities.copyIn) describeCopyIn()

    function describeEarlyEnd(): void {
      it.each([
        ['at once', () => Promise.reject(new Error('full'))],
        [
          'without a promise',
          () => {
            throw new Error('full')
          },
        ],
      ])(
        'ends a stream whose consumer throws %s, long before all was sent',
        async (_name, fail) => {
          await withSession(async (session) => {
            let calls = 0
            const endless =
              "copy (select generate_series(1, 50000000), repeat('x', 1000)) to stdout"
            const flight = requireLanded(
              await session.copyOut([statement('select 1'), statement(endless)], () => {
                calls += 1
                return fail()
              }),
            )
            expect(flight.failure).toMatchObject({
              index: 1,
              origin: 'client',
              cause: { message: 'full' },
            })
            expect(flight.results).toHaveLength(1)
            expect(calls).toBe(1)
          })
        },
      )
    }

    it('reports an error in the midst of a stream', async () => {
      await withSession(async (session) => {
        const chunks: Uint8Array[] = []
        const text = 'copy (select 1 / (500 - i) from generate_series(1, 1000) i) to stdout'
        const flight = requireLanded(
          await session.copyOut([statement(text)], (chunk) => void chunks.push(chunk)),
        )
        expect(flight).toMatchObject({
          status: 'idle',
          failure: { index: 0, origin: 'server', cause: { code: '22012' } },
        })
      })
    })

    function describeCopyIn(): void {
      it('reports a last statement that is no COPY', async () => {
        await withSession(async (session) => {
          const out = await session.copyOut([statement('select 1')], () => undefined)
          expect(out).toMatchObject({ kind: 'landed', failure: { index: 0, origin: 'client' } })
          const source = new Source(['1\n'])
          const into = await session.copyIn([statement('select 1')], source)
          expect(into).toMatchObject({ kind: 'landed', failure: { index: 0, origin: 'client' } })
          expect(source.closed).toBe(true)
        })
      })

      it('streams in from chunks that end anywhere', async () => {
        await withSession(async (session) => {
          await landed(session, [drop])
          const source = new Source(['1\to', 'ne\n2\ttwo\n', '', '3\tth', 'ree\n'])
          const flight = requireLanded(
            await session.copyIn([table, statement('copy copied from stdin')], source),
          )
          expect(flight).toMatchObject({ failure: null, status: 'idle' })
          expect(flight.results[1]).toMatchObject({ command: 'COPY', rowCount: 3, rows: [] })
          expect(source.closed).toBe(true)
          const text = "select string_agg(body, ',' order by id) as all from copied"
          expect(await rowOf(session, text)).toEqual({ all: 'one,two,three' })
          await landed(session, [drop])
        })
      })

      it('streams in more than a connection holds at a time', async () => {
        await withSession(async (session) => {
          await landed(session, [drop])
          const row = new TextEncoder().encode(`\t${'x'.repeat(9_000)}\n`)
          async function* rows(): AsyncGenerator<Uint8Array> {
            for (let id = 0; id < 1000; id += 1) {
              yield new TextEncoder().encode(String(id))
              yield row
            }
          }
          const flight = requireLanded(
            await session.copyIn([table, statement('copy copied from stdin')], rows()),
          )
          expect(flight.results[1]?.rowCount).toBe(1000)
          await landed(session, [drop])
        })
      })

      it('stores nothing of a source that throws', async () => {
        await withSession(async (session) => {
          await landed(session, [drop])
          requireLanded(await session.flight([table]))
          const flight = requireLanded(
            await session.copyIn(
              [statement('copy copied from stdin')],
              new Source(['1\tone\n', new Error('torn')]),
            ),
          )
          expect(flight).toMatchObject({
            status: 'idle',
            failure: { index: 0, origin: 'client', cause: { message: 'torn' } },
          })
          expect(await rowOf(session, 'select count(*)::int as n from copied')).toEqual({ n: 0 })
          await landed(session, [drop])
        })
      })

      it('stores nothing of a source that yields text', async () => {
        await withSession(async (session) => {
          await landed(session, [drop])
          const source = new Source(['1\tone\n', 'text'])
          source.raw = true
          const flight = requireLanded(
            await session.copyIn([table, statement('copy copied from stdin')], source),
          )
          expect(flight).toMatchObject({ failure: { index: 1, origin: 'client' }, status: 'idle' })
          expect(source.closed).toBe(true)
        })
      })

      it.each([
        ['a row that breaks the table', ['1\tone\n1\ttwo\n'], '23505'],
        ['a row that cannot be read', ['x\n'], '22P02'],
      ])('reports %s, and lets go of a source that waits', async (_name, chunks, code) => {
        await withSession(async (session) => {
          await landed(session, [drop])
          const source = new Source([...chunks, ...manyRows])
          source.endless = true
          const flight = requireLanded(
            await session.copyIn([table, statement('copy copied from stdin')], source),
          )
          expect(flight).toMatchObject({
            status: 'idle',
            failure: { index: 1, origin: 'server', cause: { code } },
          })
          await expect.poll(() => source.closed).toBe(true)
        })
      })

      it('never reads a source whose COPY is refused', async () => {
        await withSession(async (session) => {
          const source = new Source(['1\n'])
          const flight = requireLanded(
            await session.copyIn(
              [statement('begin'), statement('copy missing from stdin')],
              source,
            ),
          )
          expect(flight).toMatchObject({
            status: 'failed',
            failure: { index: 1, cause: { code: '42P01' } },
          })
          expect(source.reads).toBe(0)
          await expect.poll(() => source.closed).toBe(true)
          await landed(session, ['rollback'])
        })
      })
    }
  })
}

/** More rows than the server collects before it stores them. */
const manyRows = Array.from({ length: 5000 }, (_, row) => `${row + 10}\tmore\n`)

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString()
}

/** Yields texts as bytes, throws the errors among them; knows whether it was let go. */
class Source implements AsyncIterableIterator<Uint8Array> {
  readonly #items: (string | Error)[]
  reads = 0
  closed = false
  /** Hands out the text itself from the second item on, which no source may. */
  raw = false
  /** Waits for ever at its end. */
  endless = false

  constructor(items: readonly (string | Error)[]) {
    this.#items = [...items]
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    this.reads += 1
    const item = this.#items.shift()
    if (item instanceof Error) throw item
    if (item === undefined && this.endless) return new Promise(() => undefined)
    if (item === undefined) {
      this.closed = true
      return { done: true, value: undefined }
    }
    const value = this.raw && this.reads > 1 ? (item as never) : new TextEncoder().encode(item)
    return { done: false, value }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.closed = true
    return { done: true, value: undefined }
  }
}
