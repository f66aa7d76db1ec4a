import type pg from 'pg'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { accessOf } from '../../src/graph/access.js'
import { classify } from '../../src/graph/classify.js'
import { noKernel } from '../../src/prove/context/kernel.js'
import type { Subject } from '../../src/prove/encode/encoding.js'
import { proveIsolation } from '../../src/prove/prove-isolation.js'
import type { ProofResult } from '../../src/prove/proof-result.js'
import type { Solver } from '../../src/prove/solver.js'
import { compareWithEncoder } from './compare-encoder.js'
import { attackProofs } from './attack-proofs.js'
import { trialsOf, singly } from './plan-attempts.js'
import type { Trial } from './plan-attempts.js'
import { rowsQuery, runAttempts } from './server/attempt.js'
import { buildWorld } from './server/build.js'
import { placeFor } from './server/place.js'
import type { FuzzRoles, Place } from './server/place.js'
import type { Mutant } from './mutant.js'
import type { Observed, Scene } from './scene.js'
import type { Disagreement, Tally } from './tally.js'
import type { Cells, FuzzTable, World } from './world.js'

/** What a visit is made with. */
export interface Visitor {
  readonly client: pg.Client
  readonly roles: FuzzRoles
  readonly tally: Tally
  /** Without it verdicts are left out. */
  readonly solver: Solver | null
  readonly mutant: Mutant
}

/** Builds a world, tries everything in it, and holds the prover to what the server did. */
export async function visitWorld(visitor: Visitor, made: World): Promise<readonly Disagreement[]> {
  const { client, roles, tally } = visitor
  const place = placeFor(made, roles)
  const clock = stopwatch(tally)
  // Nothing is committed: making and dropping a schema would wait for the disk at every statement.
  await client.query('begin')
  try {
    const { world, refused } = await buildWorld(client, made, place)
    tally.worlds += 1
    tally.policySets += world.tables.length
    tally.refused += refused
    clock('build')
    const stored = await storedRows(client, world, place)
    const catalog = await readCatalog(client, { schemas: [place.schema] })
    clock('catalog')
    const observed = await observe(client, world, place, stored)
    clock('server')
    const scene: Scene = {
      world,
      place,
      stored,
      subject: subjectOf(world, place, visitor, catalog),
    }
    const found = [...compareWithEncoder(scene, observed, tally, visitor.mutant.encoders)]
    clock('encoder')
    if (visitor.solver !== null) {
      const proofs = await proofsOf(scene, visitor.solver)
      clock('solver')
      found.push(...attackProofs(scene, observed, proofs, tally))
    }
    return found
  } finally {
    await client.query('rollback')
  }
}

/** Adds the time since the last part to a part's. */
function stopwatch({ milliseconds }: Tally): (part: string) => void {
  let last = performance.now()
  return (part) => {
    const now = performance.now()
    milliseconds.set(part, (milliseconds.get(part) ?? 0) + now - last)
    last = now
  }
}

function subjectOf(
  world: World,
  place: Place,
  { mutant }: Visitor,
  real: CatalogSnapshot,
): Subject {
  const catalog = mutant.catalog?.(real) ?? real
  const model = modelOf(world, place)
  return {
    catalog,
    model,
    tables: classify(model, catalog),
    access: accessOf(catalog),
    kernel: noKernel,
  }
}

function modelOf({ context, keyType }: World, place: Place): TenancyModel {
  return defineTenancy({
    tenantKey: { column: 'tenant_id', type: keyType },
    userKey: { type: 'text' },
    context: JSON.parse(place.fill(JSON.stringify(context))),
    roles: {
      app: place.runtime,
      owner: null,
      migrator: null,
      public: null,
      auditor: null,
      worker: null,
      platform: null,
    },
    schemas: [place.schema],
  })
}

function proofsOf({ subject, place }: Scene, solver: Solver): Promise<readonly ProofResult[]> {
  const { model, catalog } = subject
  return proveIsolation({ model, catalog, roles: [{ kind: 'app', name: place.runtime }], solver })
}

async function storedRows(
  client: pg.Client,
  world: World,
  place: Place,
): Promise<ReadonlyMap<string, readonly Cells[]>> {
  const stored = new Map<string, readonly Cells[]>()
  for (const table of world.tables) {
    const { rows } = await client.query<{ all: readonly Cells[] }>(
      place.fill(`select (${rowsQuery(table)}) as all`),
    )
    stored.set(table.name, rows[0]?.all ?? [])
  }
  return stored
}

/** Tries what is tried in every context; a statement that fails is tried again row by row. */
async function observe(
  client: pg.Client,
  world: World,
  place: Place,
  stored: ReadonlyMap<string, readonly Cells[]>,
): Promise<readonly Observed[]> {
  const rowsOf = (table: FuzzTable): readonly Cells[] => stored.get(table.name) ?? []
  const observed: Observed[] = []
  for (const settings of world.contexts) {
    const trials = trialsOf(world, place, settings, rowsOf)
    const outcomes = await runAttempts(
      client,
      trials.map(({ attempt }) => attempt),
    )
    const again: Trial[] = []
    for (const [index, trial] of trials.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined) continue
      if (outcome.error === undefined || trial.only !== null || trial.written !== null) {
        observed.push({ trial, outcome })
      } else {
        again.push(...rowsOf(trial.table).map((row) => singly(place, trial, row)))
      }
    }
    const second = await runAttempts(
      client,
      again.map(({ attempt }) => attempt),
    )
    for (const [index, trial] of again.entries()) {
      const outcome = second[index]
      if (outcome !== undefined) observed.push({ trial, outcome })
    }
  }
  return observed
}
