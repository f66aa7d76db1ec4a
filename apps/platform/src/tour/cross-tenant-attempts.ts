import { WatertightError } from 'watertight/errors'
import { parseTenantContext } from 'watertight/runtime'
import type { Transaction, TxManager } from 'watertight/runtime'
import { demo, demoActors, demoId } from '../demo-data/index.js'

/** One thing that a member of one tenant tried on another. */
export interface Attempt {
  readonly what: string
  readonly statement: string
  /** The rows it read or changed, or the code of the error that refused it. */
  readonly outcome: string
}

const statements: readonly { what: string; text: string; values: readonly string[] }[] = [
  {
    what: 'read an asset of the school by its id',
    text: 'select * from sec.assets where id = $1',
    values: [demoId('sec.assets', 2, 1)],
  },
  {
    what: 'rename every asset of the school',
    text: "update sec.assets set label = 'mine' where tenant_id = $1",
    values: [demo.tenants.school],
  },
  {
    what: 'hand an own asset to the school',
    text: 'update sec.assets set tenant_id = $1 where id = $2',
    values: [demo.tenants.school, demoId('sec.assets', 1, 1)],
  },
  {
    what: 'write an entry into the audit log of the school',
    text: `insert into ops.audit_log (tenant_id, chain_position, previous_hash, entry_hash,
      actor_role, action, target_type, outcome, correlation_id)
      values ($1, 99, sha256(''), sha256(''), 'member', 'audit.forged', 'nothing', 'allowed', $2)`,
    values: [demo.tenants.school, demo.tenants.security],
  },
  {
    what: 'read the key that signs contexts',
    text: 'select * from watertight.signing_keys where kid <> $1',
    values: [''],
  },
]

/** What the tenant admin of the security company can do to the school. Changes nothing. */
export async function attemptCrossing(tx: TxManager): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  for (const { what, text, values } of statements) {
    const outcome = await outcomeOf(tx, (transaction) => transaction.query(text, values))
    attempts.push({ what, statement: text, outcome })
  }
  return attempts
}

/** Thrown to undo what an attempt did, should it ever succeed. */
class Undo extends Error {
  readonly rowCount: number

  constructor(rowCount: number) {
    super('undo')
    this.rowCount = rowCount
  }
}

async function outcomeOf(
  tx: TxManager,
  attempt: (transaction: Transaction) => Promise<{ readonly rowCount: number | null }>,
): Promise<string> {
  const context = parseTenantContext(demoActors.securityAdmin.claims)
  try {
    return await tx.run(context, async (transaction) => {
      const { rowCount } = await attempt(transaction)
      throw new Undo(rowCount ?? 0)
    })
  } catch (error) {
    if (error instanceof Undo) return `${error.rowCount} rows`
    if (error instanceof WatertightError && error.code === 'ACCESS_DENIED') {
      return `refused, ${error.code} (SQLSTATE ${error.sqlState ?? 'unknown'})`
    }
    throw error
  }
}

/** The attempts for people, one line each. */
export function renderAttempts(attempts: readonly Attempt[]): string[] {
  const width = Math.max(0, ...attempts.map(({ what }) => what.length))
  return attempts.map(({ what, outcome }) => `${what.padEnd(width)}  ${outcome}`)
}
