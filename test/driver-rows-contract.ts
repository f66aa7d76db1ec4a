import { describe, expect, it } from 'vitest'
import type { Driver, Statement } from 'watertight/runtime'
import { requireLanded, useSession } from './driver-session.js'

/** What a driver must make of rows, whatever the client below it does by default. */
export function describeRows(driver: () => Driver): void {
  describe('rows', () => {
    const resultOf = (given: Statement): Promise<unknown> =>
      useSession(driver(), async (session) => {
        const { results, failure } = requireLanded(await session.flight([given]))
        if (failure !== null) throw failure.cause
        return results[0]
      })

    it('returns objects, or arrays where names repeat', async () => {
      const text = 'select $1::int as n, $2::text as "a b", null as n2'
      const values = [7, 'ü']
      expect(await resultOf({ text, values })).toMatchObject({
        rows: [{ n: 7, 'a b': 'ü', n2: null }],
      })
      const twice = 'select $1::int as n, $2::text as n'
      expect(await resultOf({ text: twice, values, rowMode: 'array' })).toMatchObject({
        rows: [[7, 'ü']],
        rowCount: 1,
      })
    })

    it('names the columns and their types, also without rows', async () => {
      const text = 'select 1::int8 as big, now() as "At" where false'
      expect(await resultOf({ text, values: [] })).toMatchObject({
        rows: [],
        fields: [
          { name: 'big', dataTypeID: 20 },
          { name: 'At', dataTypeID: 1184 },
        ],
      })
      expect(await resultOf({ text: 'set local app.x = 1', values: [] })).toMatchObject({
        fields: [],
      })
    })

    it.each(['array', undefined] as const)(
      'reads by the parsers of a statement, %s',
      async (mode) => {
        const types = { getTypeParser: (oid: number) => (value: string) => `${oid}:${value}` }
        const text = "select 1::int8 as n, '{a,b}'::text[] as l, '{}'::jsonb as j, null as x"
        const statement = { text, values: [], types, ...(mode && { rowMode: mode }) }
        const row = { n: '20:1', l: '1009:{a,b}', j: '3802:{}', x: null }
        expect(await resultOf(statement)).toMatchObject({
          rows: [mode === 'array' ? Object.values(row) : row],
        })
      },
    )

    it('reports a parser that throws, and goes on', async () => {
      await useSession(driver(), async (session) => {
        const types = {
          getTypeParser: () => () => {
            throw new Error('parser')
          },
        }
        const flight = requireLanded(
          await session.flight([
            { text: 'select 1', values: [] },
            { text: 'select i from generate_series(1, 3) i', values: [], types },
          ]),
        )
        expect(flight).toMatchObject({
          status: 'idle',
          failure: { index: 1, origin: 'client', cause: { message: 'parser' } },
        })
        expect(flight.results).toHaveLength(1)
      })
    })

    it.each<[string, unknown, string]>([
      ['int8', 9007199254740993n, '9007199254740993'],
      ['numeric', '1.10', '1.10'],
      ['bool', true, 'true'],
      ['text', 'Zürich 🏔 \\ \' "', 'Zürich 🏔 \\ \' "'],
      ['text[]', ['a', null, 'b,"c"', '{}'], '{a,NULL,"b,\\"c\\"","{}"}'],
      [
        'int[]',
        [
          [1, 2],
          [3, 4],
        ],
        '{{1,2},{3,4}}',
      ],
      ['jsonb', { a: [1, null, { b: 'ü' }] }, '{"a": [1, null, {"b": "ü"}]}'],
      ['bytea', Buffer.from([0, 1, 255]), '\\x0001ff'],
      ['bytea', new Uint8Array([0, 1, 255]), '\\x0001ff'],
    ])('sends a value for %s: %o', async (type, value, expected) => {
      const text = `select $1::${type}::text as value`
      const given = { text, values: [value] }
      expect(await resultOf(given)).toMatchObject({ rows: [{ value: expected }] })
      expect(await resultOf(given)).toMatchObject({ rows: [{ value: expected }] })
    })

    it('sends null for NULL', async () => {
      const given = { text: 'select $1::text is null as isnull', values: [null] }
      expect(await resultOf(given)).toMatchObject({ rows: [{ isnull: true }] })
    })
  })
}
