import type { DiffResult, Mutant, MutantOutcome } from '@watertight/verifier'
import { databaseOf, urlOf, withClient } from './scratch.js'
import type { Scratch } from './scratch.js'
import { runTests } from './run-tests.js'
import type { TestCommand, TestRun } from './run-tests.js'

/** What happens to a mutant that the tests did not notice. */
export interface SurvivorStudy {
  /** Compares the original with the mutant. */
  compare(mutant: Mutant, url: string): Promise<DiffResult | null>
  /** Writes a test that kills it and returns its file; null when none does. */
  writeTest(mutant: Mutant, url: string, diff: DiffResult | null): Promise<string | null>
}

export interface Judging {
  readonly scratch: Scratch
  readonly tests: TestCommand
  /** The role that tests log in as; the superuser without it. */
  readonly role: string | undefined
  readonly jobs: number
  readonly study: SurvivorStudy
  readonly onJudged: (outcome: MutantOutcome, done: number) => void
}

/** Judges every mutant on a copy of its own; those of the cluster alone and last. */
export async function judgeMutants(
  mutants: readonly Mutant[],
  judging: Judging,
): Promise<readonly MutantOutcome[]> {
  const outcomes = new Map<string, MutantOutcome>()
  const queue = mutants.filter(({ isClusterWide }) => !isClusterWide)
  const alone = mutants.filter(({ isClusterWide }) => isClusterWide)
  const judge = async (mutant: Mutant): Promise<void> => {
    const outcome = await judgeOne(mutant, judging)
    outcomes.set(mutant.id, outcome)
    judging.onJudged(outcome, outcomes.size)
  }
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      judging.tests.signal.throwIfAborted()
      await judge(next)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, judging.jobs) }, worker))
  for (const mutant of alone) {
    judging.tests.signal.throwIfAborted()
    await judge(mutant)
  }
  return mutants.flatMap(({ id }) => outcomes.get(id) ?? [])
}

async function judgeOne(mutant: Mutant, judging: Judging): Promise<MutantOutcome> {
  const { scratch, role, tests, study } = judging
  const { id, kind, object, description, up } = mutant
  const outcome = (
    status: MutantOutcome['status'],
    rest: Partial<MutantOutcome> = {},
  ): MutantOutcome => ({
    id,
    kind,
    object,
    description,
    sql: up,
    status,
    reason: null,
    durationMs: 0,
    test: null,
    ...rest,
  })
  if (mutant.isClusterWide && !scratch.isOwnServer) {
    return outcome('not-run', { reason: 'it changes the whole server, which is not ours' })
  }
  const copy = await scratch.copy()
  try {
    const fault = await withClient(copy, (client) => plant(client, mutant))
    if (fault !== null) return outcome('broken', { reason: fault })
    const run = await runTests(tests, {
      url: role === undefined ? copy : urlOf(copy, databaseOf(copy), role),
      superuser: copy,
    })
    tests.signal.throwIfAborted()
    const { durationMs } = run
    if (run.outcome === 'failed') return outcome('killed', { durationMs })
    if (run.outcome === 'timeout') {
      return outcome('timeout', { durationMs, reason: 'the tests took too long' })
    }
    return outcome('survived', { durationMs, ...(await studied(mutant, copy, study)) })
  } finally {
    // SECURITY: what lives in the cluster would weaken the copies that come after.
    if (mutant.down.length > 0) {
      await withClient(copy, async (client) => {
        for (const statement of mutant.down) await client.query(statement)
      })
    }
    await scratch.drop(copy)
  }
}

/** Makes the mutant; why it is none, else null. */
async function plant(
  client: {
    query(text: string): Promise<{ rows: Record<string, unknown>[] }>
  },
  { up, guard }: Mutant,
): Promise<string | null> {
  try {
    await client.query('begin')
    for (const statement of up) await client.query(statement)
    await client.query('commit')
    const { rows } = await client.query(guard)
    const [value] = Object.values(rows[0] ?? {})
    return value === true ? 'the server took it and nothing is different' : null
  } catch (error) {
    return `the server refuses it: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Faults of policies and flags alone change nothing but what the comparison looks at. */
const comparable = /^(policy-|rls-)/

async function studied(
  mutant: Mutant,
  url: string,
  study: SurvivorStudy,
): Promise<Partial<MutantOutcome>> {
  const diff = await study.compare(mutant, url)
  if (diff !== null && comparable.test(mutant.kind) && isSame(diff)) {
    return { status: 'equivalent', reason: 'proven to reach the same rows as the original' }
  }
  const test = await study.writeTest(mutant, url, diff)
  return { test }
}

/** Every cell is the same, and nothing beside the policies does anything. */
function isSame({ cells, facts }: DiffResult): boolean {
  return (
    cells.every(({ verdict }) => verdict === 'same') &&
    facts.every(({ effect }) => effect === 'neutral')
  )
}

/** The last lines that a failed run printed, for a message. */
export function tailOf({ tail }: TestRun): string {
  return tail.trim().split('\n').slice(-12).join('\n')
}
