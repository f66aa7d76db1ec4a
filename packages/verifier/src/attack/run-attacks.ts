import type { Queryable } from 'watertight/sql'
import type { LintInput } from '../lint/rule.js'
import { commands } from '../lint/reach.js'
import { makeGrants } from './access-grants.js'
import { attackerRank } from './attacker-rank.js'
import { attackersOf, privilegedRoles } from './attackers.js'
import type { Attacker, PrivilegedRole } from './attackers.js'
import { held, inconclusive } from './attack.js'
import type { Attack, Outcome, Probe } from './attack.js'
import type { AttackResult } from './attack-result.js'
import { readOrgUnits } from './org-units.js'
import { prepareRows, synthesisFor } from './prepare-rows.js'
import type { ProofResult } from '../prove/proof-result.js'
import { choosePair } from './principals.js'
import type { Pair } from './principals.js'
import { needsFreshConnection, refutationsOf, replayProofs } from './replay/replay-proofs.js'
import type { Refutation } from './replay/replay-proofs.js'
import { runObjectAttacks } from './run-object-attacks.js'
import type { ObjectRun } from './run-object-attacks.js'
import { movedSequences, readSequences } from './sequences.js'
import { hasMoreRowsThan } from './samples.js'
import { loginSettings } from './login-settings.js'
import { defaultLimits, inRolledBackTransaction } from './session.js'
import type { ProbeLimits, ProbeSession } from './session.js'
import { planTargets } from './target-list.js'
import type { PlannedTarget } from './target-list.js'
import { contextMaker } from './tenant-context/context-maker.js'
import { tooLarge, withheld } from './not-tried.js'
import { whenEnded } from './when-ended.js'

/** What all attacks found. */
export interface AttackReport {
  readonly results: readonly AttackResult[]
  /** Statements run as a runtime role. */
  readonly statements: number
  readonly sequencesMoved: readonly string[]
  /** Roles that the model does not name and that see every tenant by what they are. */
  readonly privileged: readonly PrivilegedRole[]
  /** Why nothing could be attacked at all; null when it could. */
  readonly skipped: string | null
}

/** How far the attacks may go. */
export interface AttackOptions {
  readonly limits?: ProbeLimits
  /** Tables with more rows are not written to without WHERE: 10,000, or 50,000 where it may block. */
  readonly mostBlindRows?: number
  /** Others may be held up: by locks on whole tables, and longer by those on rows. */
  readonly mayBlock?: boolean
  /** Proofs whose counterexamples are replayed where nothing else got through. */
  readonly proofs?: readonly ProofResult[]
  readonly onProgress?: (done: number, total: number, object: string) => void
}

/** Locks on rows last as long as the statement, which the limits of the session bound as well. */
function mostBlindRowsOf({ mostBlindRows, mayBlock }: AttackOptions): number {
  return mostBlindRows ?? (mayBlock === true ? 50_000 : 10_000)
}

/** The first pass may be corrected by what the second one sees. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Nothing was set on this connection yet, or what a pooled connection is left with. */
type Pass = 'never-set' | 'with-context'

/**
 * Attacks every protected table as every runtime role, each table in a transaction of its own that
 * is rolled back. `db` must be one connection of a superuser, or of a role with BYPASSRLS that may
 * SET ROLE to the runtime roles.
 *
 * @throws MISSING_PRIVILEGE when the server refuses SET ROLE.
 */
export async function runAttacks(
  db: Queryable,
  input: LintInput,
  options: AttackOptions = {},
): Promise<AttackReport> {
  const skipped = whyNot(input)
  const privileged = privilegedRoles(input)
  if (skipped !== null) {
    return { results: [], statements: 0, sequencesMoved: [], privileged, skipped }
  }
  const limits = options.limits ?? defaultLimits
  const planned = planTargets(input)
  const before = await readSequences(db, input)
  const pair = await inRolledBackTransaction(db, limits, (session) =>
    choosePair(input, session, [...planned.byName.values()]),
  )
  const results: Mutable<AttackResult>[] = []
  let statements = 0
  let done = 0
  const run: ObjectRun = {
    input,
    pair,
    targets: planned.byName,
    limits,
    mostBlindRows: mostBlindRowsOf(options),
  }
  const replay = async (refutations: readonly Refutation[]): Promise<void> => {
    const open = refutations.filter((proof) => !leaksAt(results, proof))
    const replayed = await replayProofs(db, run, open)
    results.push(...replayed.results)
    statements += replayed.statements
  }
  const refutations = refutationsOf(options.proofs ?? [])
  // A setting that was ever set stays '' in its session, so the unset case comes first.
  for (const pass of ['never-set', 'with-context'] as const) {
    for (const entry of planned.entries) {
      options.onProgress?.(done, planned.entries.length * 2, entry.object)
      done += 1
      const found = await inRolledBackTransaction(db, limits, async (session) => {
        const list = await attackTarget(input, session, entry, pair, pass, options, results)
        statements += session.statements
        return list
      }).catch((error: unknown) => {
        const outcome = whenEnded(error)
        return eachRole(input, entry, attacksOf(entry, pass), () => Promise.resolve(outcome))
      })
      results.push(...found)
    }
    const isFresh = pass === 'never-set'
    await replay(refutations.filter((proof) => needsFreshConnection(proof) === isFresh))
    const objects = await runObjectAttacks(db, run, isFresh ? 'none' : 'own')
    results.push(...objects.results)
    statements += objects.statements
  }
  const sequencesMoved = movedSequences(before, await readSequences(db, input))
  return { results, statements, sequencesMoved, privileged, skipped: null }
}

/** Another attack showed already what the proof found. */
function leaksAt(results: readonly AttackResult[], proof: Refutation): boolean {
  return results.some(
    ({ object, role, attack, outcome }) =>
      object === proof.object &&
      role === proof.role &&
      attack.command === proof.command &&
      outcome.kind === 'leak',
  )
}

function whyNot(input: LintInput): string | null {
  const { server, roles } = input.catalog
  const self = roles.find((role) => role.name === server.currentUser)
  if (!server.isSuperuser && self?.bypassRls !== true) {
    return `${server.currentUser} cannot see all rows; connect as a superuser to probe`
  }
  const stranger = input.roles.find(
    (role) => !input.access.closure(server.currentUser).reachable.has(role.name),
  )
  if (stranger !== undefined) return `${server.currentUser} cannot act as ${stranger.name}`
  return input.roles.length === 0 ? 'none of the runtime roles of the model exists' : null
}

async function attackTarget(
  input: LintInput,
  session: ProbeSession,
  entry: PlannedTarget,
  pair: Pair,
  pass: Pass,
  options: AttackOptions,
  earlier: readonly Mutable<AttackResult>[],
): Promise<AttackResult[]> {
  const chosen = attacksOf(entry, pass)
  const rows = await prepareRows(input, session, entry.targets, entry.base, pair)
  const orgUnits = await readOrgUnits(input, session, pair.own.tenant)
  const grants = await makeGrants(
    input,
    synthesisFor(input, session, entry.targets, pair.own),
    pair.own,
    input.roles,
  )
  const maker = await contextMaker(input, session, orgUnits, grants)
  const isLarge = await hasMoreRowsThan(session, entry.base, mostBlindRowsOf(options))
  const rank = typeof rows === 'string' ? null : await attackerRank(input, session, pair)
  const results = await eachRole(input, entry, chosen, async (attack, role) => {
    if (attack.blocks === true && options.mayBlock !== true) {
      return inconclusive(withheld)
    }
    if (typeof rows === 'string') return inconclusive(rows)
    if (typeof maker === 'string') return inconclusive(maker)
    const blind = attack.command === 'UPDATE' || attack.command === 'DELETE'
    if (blind && isLarge) return inconclusive(tooLarge)
    const context = maker.make(pair.own, role)
    if (attack.context === 'own' && typeof context === 'string') return inconclusive(context)
    const probe: Probe = {
      input,
      session,
      target: entry.target,
      role: role.name,
      own: keyOf(entry, pair, 'own'),
      foreign: keyOf(entry, pair, 'foreign'),
      ownPrincipal: pair.own,
      foreignPrincipal: pair.foreign,
      synthesis: (principal) => synthesisFor(input, session, entry.targets, principal),
      ownRows: rows.own,
      foreignRows: rows.foreign,
      context: typeof context === 'string' ? [] : context,
      noContext: [
        ...(pass === 'never-set' ? [] : maker.leftover),
        ...loginSettings(input, role.name),
      ],
      isSuperuser: input.catalog.server.isSuperuser,
    }
    const outcome = await session.attempt(() => attack.run(probe))
    const { confirm } = attack
    if (pass === 'never-set' || confirm === undefined) return outcome
    const before = earlier.filter(
      (result) =>
        result.object === entry.object &&
        result.role === role.name &&
        result.attack === attack &&
        isTentative(result.outcome),
    )
    if (before.length === 0 && !isTentative(outcome)) return outcome
    if (await session.attempt(() => confirm(probe))) return outcome
    for (const result of before) result.outcome = held
    return isTentative(outcome) ? held : outcome
  })
  return rank === null ? results : results.map((result) => ({ ...result, rank }))
}

/** Without a setting there is no context to attack under. */
function attacksOf({ attacks }: PlannedTarget, pass: Pass): readonly Attack[] {
  return attacks.filter(({ context }) => pass === 'with-context' || context === 'none')
}

function isTentative(outcome: Outcome): boolean {
  return outcome.kind === 'leak' && outcome.tentative === true
}

function keyOf(entry: PlannedTarget, pair: Pair, side: 'own' | 'foreign'): string {
  const principal = pair[side]
  return entry.target.boundary === 'user' ? (principal.user ?? '') : principal.tenant
}

async function eachRole(
  input: LintInput,
  entry: PlannedTarget,
  chosen: readonly Attack[],
  run: (attack: Attack, role: Attacker) => Promise<Outcome>,
): Promise<AttackResult[]> {
  const results: AttackResult[] = []
  const isTable = entry.target === entry.base
  for (const role of attackersOf(input)) {
    // A view that only an undeclared role may read is a way that somebody made for that role.
    if (!entry.isFor(role.kind) || (!role.isDeclared && !isTable)) continue
    const allowed = commands.filter((command) =>
      input.access.can(role.name, command, entry.target.table.relation),
    )
    for (const attack of chosen) {
      if (!allowed.includes(attack.command)) continue
      if (attack.applies?.(input, entry.target, role.name) === false) continue
      const outcome = await run(attack, role)
      const { object } = entry
      const roleKind = role.isDeclared ? role.kind : 'undeclared'
      results.push({ object, role: role.name, roleKind, attack, outcome })
    }
  }
  return results
}
