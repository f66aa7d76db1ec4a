import { noteOf, refused, sqlText } from './operation.js'
import type { Operation, Row, Step } from './operation.js'

/** A statement that must be refused, alone or after a write that then must not stay. */
function forbidden(
  name: string,
  text: string,
  values: (step: Step) => readonly unknown[],
  weight = 2,
): Operation {
  return {
    name,
    weight,
    async run(step) {
      const { tx, tenant, random } = step
      const attempt = random.chance(0.5)
        ? tx.query(tenant.context, text, values(step))
        : tx.run(tenant.context, async (handle) => {
            await handle.query(sqlText.insert, noteOf(step))
            await handle.query(text, values(step))
          })
      await refused(step, attempt, ['ACCESS_DENIED'], name)
    },
  }
}

/** A statement that must find nothing. */
function futile(name: string, text: string, values: (step: Step) => readonly unknown[]): Operation {
  return {
    name,
    weight: 2,
    async run(step) {
      const { tx, tenant, oracle } = step
      const { rowCount } = await tx.query(tenant.context, text, values(step))
      if (rowCount !== 0) oracle.count('accepted', `${name}: ${rowCount} rows`)
    },
  }
}

export const attacks: readonly Operation[] = [
  forbidden(
    'foreign insert',
    'insert into chaos.notes (tenant_id, owner, op, body) values ($4, $1, $2, $3)',
    (step) => [...noteOf(step), step.other.id],
    4,
  ),
  forbidden(
    'row hop',
    'update chaos.notes set tenant_id = $1 where id = $2',
    ({ other, tenant }) => [other.id, tenant.seedNote],
    4,
  ),
  forbidden(
    'foreign upsert',
    `insert into chaos.counters (tenant_id, owner, n) values ($1, $2, 0)
       on conflict (tenant_id) do update set n = -999`,
    ({ other, tenant }) => [other.id, tenant.id],
  ),
  forbidden('truncate', 'truncate chaos.notes', () => [], 1),
  forbidden('temporary table', 'create temporary table kept as select 1', () => [], 1),
  forbidden('set role', 'set local role postgres', () => [], 1),
  futile(
    'foreign update',
    "update chaos.notes set body = 'stolen', owner = $1 where tenant_id = $2 or id = $3",
    ({ tenant, other }) => [tenant.id, other.id, other.seedNote],
  ),
  futile('foreign delete', 'delete from chaos.notes where id = $1', ({ other }) => [
    other.seedNote,
  ]),
  futile(
    'foreign merge',
    `merge into chaos.counters c using (select $1::uuid as id) s on c.tenant_id = s.id
       when matched then update set n = -1`,
    ({ other }) => [other.id],
  ),
  {
    name: 'forged context',
    weight: 3,
    async run(step) {
      const { tx, tenant, other, oracle } = step
      const forge = "select set_config('watertight.context', $1, true)"
      const attempt = tx.run(tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        const current = await handle.query<{ token: string }>(
          "select current_setting('watertight.context', true) as token",
        )
        const token = current.rows[0]?.token ?? ''
        await handle.query(forge, [token.replace(tenant.id, other.id)])
        const { rows } = await handle.query<Row>(sqlText.list)
        oracle.equal(rows.length, 0, 'rows under a forged context')
        await handle.query(sqlText.insert, noteOf(step))
      })
      await refused(step, attempt, ['ACCESS_DENIED', 'STATEMENT_FAILED'], 'forged context')
    },
  },
]
