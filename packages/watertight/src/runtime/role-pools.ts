import { WatertightError } from '../errors/index.js'
import type { RuntimeRole } from '../model/index.js'
import type { Queryable, StatementResult } from '../sql/index.js'
import { connectionError, lostError, statementError } from './driver-error.js'
import type { Driver, Session } from './driver.js'
import { plainTypes } from './plain-types.js'
import { checkRuntimeRole } from './role-check.js'
import type { ContextMode } from './tenant-context.js'

/**
 * A pool per runtime role; each logs in as that role. A process has those that it acts as: one that
 * only runs jobs has no login of the application.
 */
export type RolePools = { readonly [role in RuntimeRole]?: Driver }

const roleOfMode: Record<ContextMode, RuntimeRole> = {
  member: 'app',
  worker: 'worker',
  auditor: 'auditor',
  platform: 'platform',
  public: 'public',
}

/** A session as the port that catalog queries take; rows come as the server has them. */
export function queryableOf(session: Session): Queryable {
  return {
    async query<Row>(text: string, values: unknown[] = []): Promise<StatementResult<Row>> {
      const flight = await session.flight([{ text, values, types: plainTypes }])
      if (flight.kind === 'lost') throw lostError(flight)
      if (flight.failure !== null) throw statementError(flight.failure)
      const [result] = flight.results
      return { rows: (result?.rows ?? []) as Row[], rowCount: result?.rowCount ?? null }
    },
  }
}

/** Hands out connections by mode, none before the role behind its pool has passed the boot check. */
export class CheckedPools {
  readonly #pools: RolePools
  readonly #checks = new Map<RuntimeRole, Promise<void>>()
  readonly #passed = new Set<RuntimeRole>()

  constructor(pools: RolePools) {
    this.#pools = pools
  }

  /** Checks every configured pool now. */
  async start(): Promise<void> {
    const configured = Object.values(roleOfMode).filter((role) => this.#pools[role] !== undefined)
    await Promise.all(configured.map((role) => this.#checked(role)))
  }

  /** @throws ROLE_NOT_CONFIGURED when no pool was given for the role of the mode. */
  requirePool(mode: ContextMode): void {
    this.#pool(roleOfMode[mode])
  }

  /**
   * @throws ROLE_NOT_CONFIGURED, UNSAFE_ROLE; what the driver rejects with is for the caller to type.
   */
  acquire(mode: ContextMode): Promise<Session> {
    const role = roleOfMode[mode]
    if (this.#passed.has(role)) return this.#pool(role).acquire()
    return this.#checked(role).then(() => this.#pool(role).acquire())
  }

  #pool(role: RuntimeRole): Driver {
    const pool = this.#pools[role]
    if (pool !== undefined) return pool
    throw new WatertightError('ROLE_NOT_CONFIGURED', `no pool was given for role ${role}`, {
      object: role,
      hint: `Pass createTxManager({ pools: { ${role}: ... } }) a pool that logs in as that role.`,
    })
  }

  /** INVARIANT: only success is remembered, so a repaired role is accepted without a restart. */
  #checked(role: RuntimeRole): Promise<void> {
    const known = this.#checks.get(role)
    if (known !== undefined) return known
    const check = this.#check(role).then(
      () => void this.#passed.add(role),
      (error: unknown) => {
        this.#checks.delete(role)
        throw error
      },
    )
    this.#checks.set(role, check)
    return check
  }

  async #check(role: RuntimeRole): Promise<void> {
    const session = await this.#pool(role)
      .acquire()
      .catch((error: unknown) => {
        throw connectionError(error)
      })
    let clean = false
    try {
      await checkRuntimeRole(queryableOf(session), { role })
      clean = true
    } finally {
      session.release(!clean)
    }
  }
}
