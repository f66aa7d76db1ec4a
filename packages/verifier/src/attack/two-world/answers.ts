import type { Queryable } from 'watertight/sql'
import type { LintInput } from '../../lint/rule.js'
import { makeGrants } from '../access-grants.js'
import { readOrgUnits } from '../org-units.js'
import { synthesisFor } from '../prepare-rows.js'
import { inRolledBackTransaction } from '../session.js'
import type { ProbeLimits } from '../session.js'
import type { Target } from '../target.js'
import { contextMaker } from '../tenant-context/context-maker.js'
import { observe } from './observe.js'
import type { Observation } from './observe.js'
import type { PreparedWorlds } from './prepare-worlds.js'
import type { WorldStatement } from './world-statement.js'

/** What one role runs in every world. */
export interface Workload {
  readonly role: LintInput['roles'][number]
  readonly statements: readonly WorldStatement[]
}

/** Answers by workload and statement; null where no context could be made. */
export type WorldAnswers = readonly (readonly (Observation | null)[])[]

/** Runs every workload in one world, as the tenant that is equal in all of them. */
export function answersIn(
  db: Queryable,
  input: LintInput,
  targets: ReadonlyMap<string, Target>,
  { pair: { own } }: PreparedWorlds,
  workloads: readonly Workload[],
  limits: ProbeLimits,
): Promise<WorldAnswers> {
  return inRolledBackTransaction(db, limits, async (session) => {
    const orgUnits = await readOrgUnits(input, session, own.tenant)
    const synthesis = synthesisFor(input, session, targets, own)
    const roles = workloads.map(({ role }) => role)
    const grants = await makeGrants(input, synthesis, own, roles)
    const maker = await contextMaker(input, session, orgUnits, grants)
    await session.settle()
    const all: (readonly (Observation | null)[])[] = []
    for (const { role, statements } of workloads) {
      const context = typeof maker === 'string' ? maker : maker.make(own, role)
      const seen: (Observation | null)[] = []
      for (const statement of statements) {
        const isPossible = typeof context !== 'string'
        seen.push(isPossible ? await observe(db, role.name, context, statement) : null)
      }
      all.push(seen)
    }
    return all
  })
}
