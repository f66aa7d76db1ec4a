import { serverIsUp, faults } from './faults.js'
import type { FaultTargets } from './faults.js'
import type { Random } from '../../../../test/random.js'
import { pickWeighted, randomFrom } from '../../../../test/random.js'

/** How often failures are injected; see `ChaosOptions`. */
interface Rates {
  readonly seed: number
  readonly faultEvery: number
  readonly heavyEvery: number
}

/** Injects failures at operations that the seed determines, while the callers go on. */
export class FaultSchedule {
  readonly injected = new Map<string, number>()
  readonly #rates: Rates
  readonly #targets: FaultTargets
  readonly #running = new Set<Promise<void>>()
  /** Heavy failures wait for each other. */
  #heavy: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(rates: Rates, targets: FaultTargets) {
    this.#rates = rates
    this.#targets = targets
  }

  /** Called before each operation; does not wait for what it starts. */
  at(op: number): void {
    const { seed, faultEvery, heavyEvery } = this.#rates
    const random = randomFrom(Math.imul(seed, 40_503) + op + 1_000_003)
    if (faultEvery > 0 && random.int(faultEvery) === 0) this.#track(this.#inject(random, false))
    if (heavyEvery > 0 && op % heavyEvery === heavyEvery - 1 && this.#waiting < 2) {
      this.#waiting += 1
      this.#heavy = this.#heavy
        .then(() => this.#inject(random, true))
        .finally(() => (this.#waiting -= 1))
      this.#track(this.#heavy)
    }
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #inject(random: Random, heavy: boolean): Promise<void> {
    const { pooler, world } = this.#targets
    const choices = faults.filter(
      (fault) => fault.heavy === heavy && (pooler !== null || fault.needsPooler !== true),
    )
    const fault = pickWeighted(random, choices)
    if (!heavy) {
      // What a light one does to a server that a heavy one has stopped does not matter.
      const detail = await fault.inject(this.#targets, random).catch(() => 'too late')
      this.#note(detail === undefined ? fault.name : `${fault.name}: ${detail}`)
      return
    }
    await serverIsUp(world.url)
    await fault.inject(this.#targets, random)
    await serverIsUp(world.url)
    this.#note(fault.name)
  }

  #note(name: string): void {
    this.injected.set(name, (this.injected.get(name) ?? 0) + 1)
  }

  #track(work: Promise<void>): void {
    this.#running.add(work)
    // Whatever goes wrong is thrown by `settled`; here it only must not be taken for forgotten.
    work.then(
      () => this.#running.delete(work),
      () => undefined,
    )
  }
}
