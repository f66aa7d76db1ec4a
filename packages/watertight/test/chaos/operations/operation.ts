import { WatertightError } from 'watertight/errors'
import type { ErrorCode } from 'watertight/errors'
import type { Driver, TxManager } from 'watertight/runtime'
import type { History } from '../history.js'
import type { Oracle } from '../oracle.js'
import { isInjected } from '../oracle.js'
import type { Random } from '../../../../../test/random.js'
import type { Tenant } from '../world.js'

/** One call of an operation by one tenant. */
export interface Step {
  /** Number of the operation; marks the rows that it writes. */
  readonly op: number
  readonly tenant: Tenant
  /** A tenant that the operation must not reach. */
  readonly other: Tenant
  readonly random: Random
  readonly tx: TxManager
  /** What is behind the manager, to look at its connections without a context. */
  readonly driver: Driver
  readonly oracle: Oracle
  readonly history: History
  /** Rows that the operation leaves in `chaos.notes` if it commits. */
  promised: number
  /** Whether it adds one to the counter of its tenant. */
  adds: boolean
  /** The operation whose rows it deletes. */
  deletes: number | null
}

/**
 * Something that a caller does. It rejects where its transaction did not commit, and resolves
 * where it did or where all that it tried was refused, as it must be.
 */
export interface Operation {
  readonly name: string
  readonly weight: number
  run(step: Step): Promise<void>
}

/** A row as every statement of the operations returns it. */
export interface Row {
  readonly tenant_id: string
  readonly owner: string
}

export const sqlText = {
  insert:
    'insert into chaos.notes (owner, op, body) values ($1, $2, $3) returning tenant_id, owner',
  own: 'select tenant_id, owner from chaos.notes where op = $1',
  list: 'select tenant_id, owner, op from chaos.notes order by id limit 20',
  add: 'update chaos.counters set n = n + 1 returning tenant_id, owner',
}

/** The values of {@link sqlText.insert}. */
export function noteOf({ tenant, op }: Step): unknown[] {
  return [tenant.id, op, 'a note']
}

/** Expects a promise to be rejected with a code; an injected failure is passed on. */
export async function refused(
  step: Step,
  work: PromiseLike<unknown>,
  codes: readonly ErrorCode[],
  what: string,
): Promise<void> {
  try {
    await work
  } catch (error) {
    if (error instanceof WatertightError && codes.includes(error.code)) return
    if (isInjected(error)) throw error
    step.oracle.count('untypedErrors', `${what}: ${String(error)}, not ${codes.join(' or ')}`)
    return
  }
  step.oracle.count('accepted', what)
}
