import type pg from 'pg'
import type { Solver } from '../../src/prove/solver.js'
import { described } from './describe-world.js'
import { worldOf } from './generate/world.js'
import type { WorldSize } from './generate/world.js'
import { seedOf } from './numbers.js'
import { prepareServer } from './server/build.js'
import { shrinkWorld } from './shrink-world.js'
import { newTally } from './tally.js'
import type { Disagreement, Tally } from './tally.js'
import { noMutant } from './mutant.js'
import type { Mutant } from './mutant.js'
import { visitWorld } from './visit-world.js'
import type { Visitor } from './visit-world.js'

export interface FuzzOptions {
  readonly client: pg.Client
  /** What roles of the run start with. */
  readonly rolePrefix: string
  readonly solver: Solver | null
  readonly seed: number
  /** Verdicts are asked for in every so many worlds once; 1 by default. */
  readonly proveEvery?: number
  readonly size: WorldSize
  /** Rows in contexts to compare; the world in which the number is reached is the last. */
  readonly cases: number
  readonly mutant?: Mutant
  /** What a mutant must be found out by; anything by default. */
  readonly noticedBy?: Disagreement['what']
  /** The seed of the only world to visit, as a disagreement names it. */
  readonly world?: number
  /** How often a disagreement is tried to be made smaller. */
  readonly tries?: number
  readonly until?: () => boolean
  readonly onWorld?: (tally: Tally) => void
  readonly onStory?: (story: string) => void
}

export interface FuzzResult {
  readonly tally: Tally
  readonly disagreements: readonly Disagreement[]
  /** The first of each kind, made small. */
  readonly stories: readonly string[]
}

/** Visits worlds until enough was compared; what disagrees is made small and told. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { client, solver, seed, size, cases, mutant = noMutant } = options
  const { tries = 150, proveEvery = 1 } = options
  const tally = newTally()
  const roles = await prepareServer(client, options.rolePrefix)
  const visitor: Visitor = { client, roles, solver, mutant, tally }
  const disagreements: Disagreement[] = []
  const stories: string[] = []
  for (let index = 0; tally.compared < cases; index += 1) {
    if (options.until?.() === true) break
    const found = await visitWorld(
      index % proveEvery === 0 ? visitor : { ...visitor, solver: null },
      worldOf(options.world ?? seedOf(seed, index), size),
    )
    disagreements.push(...found)
    for (const what of new Set(found.map((each) => each.what))) {
      const first = found.find((each) => each.what === what)
      if (first !== undefined && stories.length < 6) {
        const story = await smallest(visitor, first, size, tries)
        options.onStory?.(story)
        stories.push(story)
      }
    }
    options.onWorld?.(tally)
    if (options.world !== undefined) break
    if (
      mutant !== noMutant &&
      disagreements.some(({ what }) => what === (options.noticedBy ?? what))
    ) {
      break
    }
  }
  return { tally, disagreements, stories }
}

/** The disagreement in the smallest world that still has it. */
async function smallest(
  visitor: Visitor,
  first: Disagreement,
  size: WorldSize,
  tries: number,
): Promise<string> {
  const quiet: Visitor = {
    ...visitor,
    tally: newTally(),
    solver: first.what === 'foreign row behind proven' ? visitor.solver : null,
  }
  let shown = first
  const world = worldOf(first.world, size)
  const small = await shrinkWorld(
    world,
    async (candidate) => {
      const found = await visitWorld(quiet, candidate).catch(() => [])
      const same = found.find(({ what, table }) => what === first.what && table === first.table)
      shown = same ?? shown
      return same !== undefined
    },
    tries,
  )
  return described(small, shown)
}
