import { noteOf, sqlText } from './operation.js'
import type { Operation, Row } from './operation.js'

export const writes: readonly Operation[] = [
  {
    name: 'insert',
    weight: 14,
    async run(step) {
      step.promised = 1
      const { rows } = await step.tx.query<Row>(step.tenant.context, sqlText.insert, noteOf(step))
      step.oracle.rows(step.tenant, rows, 'insert', 1)
    },
  },
  {
    name: 'insert several',
    weight: 5,
    async run(step) {
      step.promised = 3
      const text = `insert into chaos.notes (owner, op, body)
        select $1, $2, $3 from generate_series(1, 3) returning tenant_id, owner`
      const { rows } = await step.tx.query<Row>(step.tenant.context, text, noteOf(step))
      step.oracle.rows(step.tenant, rows, 'insert several', 3)
    },
  },
  {
    name: 'add',
    weight: 10,
    async run(step) {
      step.adds = true
      const { rows } = await step.tx.query<Row>(step.tenant.context, sqlText.add)
      step.oracle.rows(step.tenant, rows, 'add')
      step.oracle.equal(rows.length, 1, 'rows of an UPDATE without WHERE')
    },
  },
  {
    name: 'delete',
    weight: 6,
    async run(step) {
      const { history, tenant, oracle } = step
      const op = history.takeDeletable(tenant.index)
      if (op === undefined) return
      step.deletes = op
      const text = 'delete from chaos.notes where op = $1 returning tenant_id, owner'
      const { rows } = await step.tx.query<Row>(tenant.context, text, [op])
      oracle.rows(tenant, rows, 'delete')
      oracle.equal(rows.length, history.rowsOf(op), 'rows deleted')
    },
  },
]
