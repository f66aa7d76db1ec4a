import { WatertightError } from 'watertight/errors'
import { createTxManager } from 'watertight/runtime'
import type { Driver, TxManager } from 'watertight/runtime'
import { startPgBouncer } from '../../../../test/pgbouncer.js'
import type { Connections, DriverName } from './connections.js'
import { openConnections } from './connections.js'
import type { Audit } from './audit.js'
import { audit } from './audit.js'
import { FaultSchedule } from './fault-schedule.js'
import { serverIsUp } from './faults.js'
import { startFaultSwitch } from './fault-switch.js'
import { History } from './history.js'
import { findLeaks } from './leaks.js'
import { operations } from './operations/index.js'
import type { Operation, Step } from './operations/operation.js'
import { Oracle } from './oracle.js'
import { pickWeighted, randomFrom } from '../../../../test/random.js'
import type { Tenant, World } from './world.js'

export interface ChaosOptions {
  readonly operations: number
  readonly seed: number
  /** How many of the tenants of the world act. */
  readonly tenants: number
  readonly driver: DriverName
  readonly pgbouncer: boolean
  readonly connections: number
  readonly callers: number
  /** Operations between two light failures; 0 for none at all. */
  readonly faultEvery: number
  /** Operations between two failures that break every connection; 0 for none. */
  readonly heavyEvery: number
  /** A fault planted on purpose between manager and driver. */
  readonly plant?: (driver: Driver) => Driver
  /** The operations that callers choose from; all by default. */
  readonly only?: (operation: Operation) => boolean
  /** Milliseconds after which an operation counts as one that never ends. */
  readonly hangAfterMs?: number
  /** Milliseconds that a caller waits for a connection of the pool. */
  readonly connectWithinMs?: number
  /** Milliseconds within which connections must be back once all callers have ended. */
  readonly settleWithinMs?: number
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly done: number
  readonly seconds: number
  readonly violations: number
}

export interface ChaosResult {
  readonly options: ChaosOptions
  readonly oracle: Oracle
  readonly audit: Audit
  readonly seconds: number
  /** How often each failure was injected. */
  readonly injected: ReadonlyMap<string, number>
  /** How often each operation ended how. */
  readonly outcomes: ReadonlyMap<string, Outcomes>
}

interface Outcomes {
  committed: number
  failed: number
  unknown: number
}

const serverPoolSize = 4
/** Runs randomised operations under injected failures, then holds all that happened to the rules. */
export async function runChaos(world: World, options: ChaosOptions): Promise<ChaosResult> {
  await world.reset()
  const pooler = options.pgbouncer ? await startPgBouncer([world.appUrl], { serverPoolSize }) : null
  const wire = await startFaultSwitch(pooler?.through(world.url) ?? world.url)
  const connections = openConnections(options.driver, wire.through(world.appUrl), {
    max: options.connections,
    withinMs: options.connectWithinMs ?? 2000,
  })
  try {
    const run = new ChaosRun(options, world, connections)
    const schedule = new FaultSchedule(options, { world, wire, pooler })
    const started = performance.now()
    await run.finish(schedule)
    await schedule.settled()
    const seconds = (performance.now() - started) / 1000
    await serverIsUp(world.url)
    await findLeaks(run.oracle, connections, world, {
      kept: pooler === null ? 0 : serverPoolSize,
      withinMs: options.settleWithinMs ?? 15_000,
    })
    return {
      options,
      oracle: run.oracle,
      audit: await audit(world, run.history, run.oracle),
      seconds,
      injected: schedule.injected,
      outcomes: run.outcomes,
    }
  } finally {
    await wire.close()
    await pooler?.stop()
  }
}

class ChaosRun {
  readonly oracle = new Oracle()
  readonly history: History
  readonly outcomes = new Map<string, Outcomes>()
  readonly #options: ChaosOptions
  readonly #connections: Connections
  readonly #tx: TxManager
  readonly #operations: readonly Operation[]
  readonly #tenants: readonly Tenant[]
  #next = 0
  #done = 0

  constructor(options: ChaosOptions, world: World, connections: Connections) {
    this.#options = options
    this.#tenants = world.tenants.slice(0, options.tenants)
    this.#connections = connections
    this.history = new History(options.operations, world.tenants.length)
    const { plant = (driver: Driver) => driver, only = () => true } = options
    const driver = plant(connections.driver)
    this.#tx = createTxManager({
      pools: { app: driver },
      signingKey: world.signingKey,
      acquireTimeout: (options.connectWithinMs ?? 2000) * 0.75,
    })
    this.#operations = operations.filter(only)
  }

  async finish(schedule: FaultSchedule): Promise<void> {
    const started = performance.now()
    const report = (): void =>
      this.#options.onProgress?.({
        done: this.#done,
        seconds: (performance.now() - started) / 1000,
        violations: this.oracle.total,
      })
    const timer = setInterval(report, 5000)
    try {
      const callers = Array.from({ length: this.#options.callers }, () => this.#call(schedule))
      await Promise.all(callers)
      await this.#closed()
    } finally {
      clearInterval(timer)
      report()
    }
  }

  /** The manager waits for commits that nobody waits for; a driver that hangs is counted already. */
  async #closed(): Promise<void> {
    const limit = this.#options.settleWithinMs ?? 10_000
    const late = new Promise<void>((resolve) => setTimeout(resolve, limit).unref())
    await Promise.race([this.#tx.close(), late])
  }

  async #call(schedule: FaultSchedule): Promise<void> {
    while (this.#next < this.#options.operations) {
      const op = this.#next
      this.#next += 1
      schedule.at(op)
      const wait = await this.#perform(op)
      this.#done += 1
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }

  /** Resolves to how many milliseconds the caller should wait, since nothing can be reached. */
  async #perform(op: number): Promise<number> {
    // INVARIANT: what an operation does depends on seed and number alone, not on the others.
    const random = randomFrom(Math.imul(this.#options.seed, 2_654_435_761) + op)
    const operation = pickWeighted(random, this.#operations)
    const tenants = this.#tenants
    const tenant = random.chance(0.2) ? random.pick(tenants.slice(0, 10)) : random.pick(tenants)
    const other = tenants[(tenant.index + 1 + random.int(tenants.length - 1)) % tenants.length]
    if (other === undefined) throw new RangeError('a run needs two tenants')
    const step: Step = {
      op,
      tenant,
      other,
      random,
      tx: this.#tx,
      driver: this.#connections.driver,
      oracle: this.oracle,
      history: this.history,
      promised: 0,
      adds: false,
      deletes: null,
    }
    this.history.begin(op, tenant.index)
    try {
      await this.#withinTime(operation.run(step), operation.name)
      this.#settle(step, operation.name, 'committed')
      return 0
    } catch (error) {
      this.oracle.error(error, operation.name)
      const code = error instanceof WatertightError ? error.code : null
      this.#settle(step, operation.name, code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'failed')
      return code === 'CONNECTION_FAILED' || code === 'ACQUIRE_TIMEOUT' ? 5 + random.int(50) : 0
    }
  }

  #settle(step: Step, name: string, status: keyof Outcomes): void {
    const { op, tenant, history, promised } = step
    history.settle(op, status, promised)
    if (step.deletes !== null) history.deleted(step.deletes, status)
    if (step.adds && status === 'committed') history.add(tenant.index)
    if (step.adds && status === 'unknown') history.addPerhaps(tenant.index)
    const outcomes = this.outcomes.get(name) ?? { committed: 0, failed: 0, unknown: 0 }
    this.outcomes.set(name, outcomes)
    outcomes[status] += 1
  }

  async #withinTime(work: Promise<void>, name: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.oracle.count('hangs', name)
        resolve()
      }, this.#options.hangAfterMs ?? 60_000)
    })
    await Promise.race([work, late]).finally(() => clearTimeout(timer))
  }
}
