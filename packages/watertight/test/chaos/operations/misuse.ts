import { currentContext, parseTenantContext, withContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import { noteOf, refused, sqlText } from './operation.js'
import type { Operation, Row } from './operation.js'

export const misuse: readonly Operation[] = [
  {
    name: 'expired context',
    weight: 2,
    async run(step) {
      const expired = parseTenantContext({
        mode: 'member',
        tenantId: step.tenant.id,
        expiresAt: Math.floor(Date.now() / 1000) - 1,
      })
      const attempt = step.tx.query(expired, sqlText.insert, noteOf(step))
      await refused(step, attempt, ['CONTEXT_EXPIRED'], 'expired context')
    },
  },
  {
    name: 'no context',
    weight: 2,
    async run(step) {
      const lookalikes: unknown[] = [undefined, null, {}, { ...step.tenant.context }]
      const nothing = lookalikes[step.random.int(lookalikes.length)]
      const attempt = step.tx.query(nothing as TenantContext, sqlText.insert, noteOf(step))
      await refused(step, attempt, ['CONTEXT_REQUIRED', 'INVALID_CONTEXT'], 'no context')
    },
  },
  {
    name: 'ambient context',
    weight: 4,
    async run(step) {
      const { tenant, other, oracle, tx } = step
      const list = async (): Promise<Row[]> => {
        await Promise.resolve()
        return (await tx.query<Row>(currentContext(), sqlText.list)).rows
      }
      const [mine, others] = await Promise.all([
        withContext(tenant.context, list),
        withContext(other.context, list),
      ])
      oracle.rows(tenant, mine, 'ambient context', 1)
      oracle.rows(other, others, 'ambient context beside another', 1)
    },
  },
]
