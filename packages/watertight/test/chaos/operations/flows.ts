import { sqlText, noteOf, refused } from './operation.js'
import type { Operation, Row, Step } from './operation.js'

const list = 'select tenant_id, owner from chaos.notes order by id limit 30'

async function consume(step: Step, rows: AsyncIterable<Row>, what: string): Promise<number> {
  const stopAfter = step.random.chance(0.3) ? 1 + step.random.int(5) : Infinity
  const pause = step.random.chance(0.2) ? 1 : 0
  let seen = 0
  for await (const row of rows) {
    step.oracle.rows(step.tenant, [row], what)
    seen += 1
    if (seen >= stopAfter) break
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return seen
}

/** Batches, streams and COPY. */
export const flows: readonly Operation[] = [
  {
    name: 'batch',
    weight: 5,
    async run(step) {
      step.promised = 2
      const [first, second, own] = await step.tx.batch(step.tenant.context, [
        [sqlText.insert, noteOf(step)],
        [sqlText.insert, noteOf(step)],
        [sqlText.own, [step.op]],
      ])
      const rows = [first, second, own].flatMap(
        (result) => (result?.rows ?? []) as unknown as Row[],
      )
      step.oracle.rows(step.tenant, rows, 'batch')
      step.oracle.equal(rows.length, 4, 'rows of a batch')
    },
  },
  {
    name: 'batch with a foreign insert',
    weight: 2,
    async run(step) {
      const batch = step.tx.batch(step.tenant.context, [
        [sqlText.insert, noteOf(step)],
        [
          'insert into chaos.notes (tenant_id, owner, op, body) values ($4, $1, $2, $3)',
          [...noteOf(step), step.other.id],
        ],
      ])
      await refused(step, batch, ['ACCESS_DENIED'], 'batch with a foreign insert')
    },
  },
  {
    name: 'stream',
    weight: 4,
    async run(step) {
      const batchSize = 1 + step.random.int(6)
      const rows = step.tx.stream<Row>(step.tenant.context, list, [], { batchSize })
      const seen = await consume(step, rows, 'stream')
      step.oracle.equal(seen > 0, true, 'a stream of own rows')
    },
  },
  {
    name: 'stream beside writes',
    weight: 3,
    async run(step) {
      step.promised = 2
      await step.tx.run(step.tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        const rows = handle.stream<Row>(list, [], { batchSize: 2 })
        await Promise.all([
          consume(step, rows, 'stream beside writes'),
          handle.query(sqlText.insert, noteOf(step)),
        ])
      })
    },
  },
  {
    name: 'copy to',
    weight: 2,
    async run(step) {
      const { tenant, oracle } = step
      const decoder = new TextDecoder()
      const stops = step.random.chance(0.3)
      const text = await step.tx.run(tenant.context, async (handle) => {
        let read = ''
        const copy = 'copy (select tenant_id, owner from chaos.notes order by id) to stdout'
        for await (const chunk of handle.copyTo(copy)) {
          read += decoder.decode(chunk, { stream: true })
          if (stops) break
        }
        const { rows } = await handle.query<Row>(sqlText.list)
        oracle.rows(tenant, rows, 'list after copy', 1)
        return read
      })
      const lines = text.split('\n').slice(0, -1)
      const rows = lines.map((line) => {
        const [tenant_id = '', owner = ''] = line.split('\t')
        return { tenant_id, owner }
      })
      oracle.rows(tenant, rows, 'copy to', stops ? 0 : 1)
    },
  },
  {
    name: 'copy from',
    weight: 1,
    async run(step) {
      const copy = 'copy chaos.notes (tenant_id, owner, op, body) from stdin'
      const run = step.tx.run(step.tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        await handle.copyFrom(copy, source(step))
      })
      await refused(step, run, ['STATEMENT_FAILED'], 'copy from')
    },
  },
]

async function* source({ other, tenant, op }: Step): AsyncGenerator<string> {
  yield `${other.id}\t${tenant.id}\t${op}\tstolen\n`
}
