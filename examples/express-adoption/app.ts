import express from 'express'
import type { Express } from 'express'
import { tenancy, tenancyProblems } from 'watertight/express'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import { currentContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'

export interface Settings {
  readonly tx: TxManager
  readonly issuer: string
  readonly audience: string
  readonly jwks: string
  /** Asked at every request: a member who was removed is out at once. */
  readonly isMember: (tenantId: string, userId: string) => Promise<boolean>
}

/** The contacts of a tenant and the calls with them. Before, each statement named the tenant. */
export function buildApp({ tx, isMember, ...tokens }: Settings): Express {
  const http = createHttpTenancy({
    tx,
    verifier: createTokenVerifier(tokens),
    claims: 'auth0',
    keyTypes: { user: 'text' },
    checkMembership: ({ tenantId, userId }) => isMember(tenantId, userId),
  })
  const app = express()
  app.use(tenancy(http), express.json())

  app.get('/contacts', async ({ tenancy }, response) => {
    // Was: pool.query('select ... where tenant_id = $1', [tenant])
    const { rows } = await tenancy.tx.query('select id, email from contacts order by email')
    response.json(rows)
  })

  app.post('/contacts/:id/calls', async ({ params, body, tenancy }, response) => {
    const { note } = body as { note: string }
    const added = await tenancy.tx.run(async (transaction) => {
      const found = await transaction.query('select from contacts where id = $1', [params.id])
      if (found.rowCount === 0) return null
      return addCall(tx, params.id, note)
    })
    response.status(added === null ? 404 : 201).json(added)
  })

  app.use(tenancyProblems(http))
  return app
}

/** Deep in the code, without a handle: it joins the transaction that it is called in. */
async function addCall(tx: TxManager, contact: string, note: string): Promise<unknown> {
  const insert = 'insert into calls (contact_id, note) values ($1, $2) returning id, note'
  const { rows } = await tx.query(currentContext(), insert, [contact, note])
  return rows[0]
}
