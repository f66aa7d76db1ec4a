import { qualifiedName, sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { Finding } from '../../findings/index.js'
import type { LintInput } from '../../lint/rule.js'
import { defaultLimits, inKeptTransaction } from '../session.js'
import type { ProbeLimits } from '../session.js'
import { planTargets } from '../target-list.js'
import { answersIn } from './answers.js'
import type { WorldAnswers, Workload } from './answers.js'
import { addThroughSequences, prepareWorlds, removeExtras } from './prepare-worlds.js'
import type { PreparedWorlds } from './prepare-worlds.js'
import { workloadFor } from './workload.js'
import { worldFinding } from './world-findings.js'
import type { WorldMaker } from './world-maker.js'

/** What worlds that are equal for one tenant told it about another one. */
export interface TwoWorldReport {
  readonly findings: readonly Finding[]
  /** Statements whose answers were compared. */
  readonly compared: number
  /** Statements that answer differently in equal worlds (time, chance) and say nothing. */
  readonly unsteady: number
  /** Tables in which the worlds differ; one in which they do not was not tested. */
  readonly differing: number
}

const worldLimits: ProbeLimits = { ...defaultLimits, statementTimeout: 15_000 }

/**
 * Compares what one tenant sees in two databases that differ in rows of another tenant alone. A third
 * one, equal to the first, tells chance from difference: what differs between equal worlds is left out.
 *
 * @throws STATEMENT_FAILED when no copies can be made.
 */
export async function runTwoWorlds(
  maker: WorldMaker,
  input: LintInput,
  limits: ProbeLimits = worldLimits,
): Promise<TwoWorldReport> {
  const targets = planTargets(input).byName
  const found: PreparedWorlds[] = []
  try {
    await maker.prepare((db) =>
      inKeptTransaction(db, limits, async (session) => {
        found.push(await prepareWorlds(input, session, targets))
      }),
    )
    const [worlds] = found
    if (worlds === undefined) throw new Error('the worlds were not prepared')
    const copies = await maker.open(3)
    let differing = 0
    for (const [index, db] of copies.entries()) {
      differing = (await tellApart(db, input, worlds, index === 2, limits)) ?? differing
    }
    const workloads = input.roles
      .filter(({ kind }) => kind === 'app' || kind === 'public')
      .map((role): Workload => ({ role, statements: workloadFor(input, role.name, worlds) }))
    const answers: WorldAnswers[] = []
    for (const db of copies) {
      answers.push(await answersIn(db, input, targets, worlds, workloads, limits))
    }
    return { ...compared(workloads, answers), differing }
  } finally {
    await maker.close()
  }
}

/** The last world keeps what the others lose; in how many tables, where it was taken away. */
async function tellApart(
  db: Queryable,
  input: LintInput,
  worlds: PreparedWorlds,
  keeps: boolean,
  limits: ProbeLimits,
): Promise<number | undefined> {
  const differing = await inKeptTransaction(db, limits, async (session) => {
    if (!keeps) return removeExtras(session, worlds)
    await addThroughSequences(session, worlds)
    return undefined
  })
  await inKeptTransaction(db, limits, async (session) => {
    for (const { schema, name, kind } of input.catalog.relations) {
      if (kind !== 'materialized-view') continue
      const view = qualifiedName(schema, name)
      await session.keep(() => session.admin(sql`refresh materialized view ${view}`))
    }
  })
  return differing
}

function compared(
  workloads: readonly Workload[],
  answers: readonly WorldAnswers[],
): Omit<TwoWorldReport, 'differing'> {
  const findings = new Map<string, Finding>()
  let count = 0
  let unsteady = 0
  for (const [at, { role, statements }] of workloads.entries()) {
    for (const [index, statement] of statements.entries()) {
      const [first, again, other] = answers.map((world) => world[at]?.[index] ?? null)
      if (!first || !again || !other) continue
      count += 1
      if (first.digest !== again.digest) unsteady += 1
      else if (first.digest !== other.digest) {
        const finding = worldFinding(role.name, statement, first, other)
        if (!findings.has(finding.key)) findings.set(finding.key, finding)
      }
    }
  }
  return { findings: [...findings.values()], compared: count, unsteady }
}
