import type { Queryable } from 'watertight/sql'
import type { Counterexample, ProofResult } from '../../prove/proof-result.js'
import { tooLarge } from '../not-tried.js'
import { makeGrants } from '../access-grants.js'
import { attackersOf } from '../attackers.js'
import type { Attacker } from '../attackers.js'
import { inconclusive } from '../attack.js'
import type { Outcome, Probe } from '../attack.js'
import type { AttackResult } from '../attack-result.js'
import { readOrgUnits } from '../org-units.js'
import { prepareRows, synthesisFor } from '../prepare-rows.js'
import { hasMoreRowsThan } from '../samples.js'
import { inRolledBackTransaction } from '../session.js'
import type { ContextSettings, ProbeSession } from '../session.js'
import type { ObjectRun } from '../run-object-attacks.js'
import type { Target } from '../target.js'
import { contextMaker } from '../tenant-context/context-maker.js'
import { whenEnded } from '../when-ended.js'
import { concreteExample } from './concrete-rows.js'
import type { Variation } from './concrete-rows.js'
import { replayOnce } from './replay-one.js'
import { settingsOf } from './settings-of.js'

/** How results of replays are called; a cell with a leak of this name is shown by the prover. */
export const replayAttack = {
  id: 'counterexample',
  title: 'Makes the rows of a counterexample of the proof and runs its command.',
} as const

/** A proof that did not succeed, with an example of why. */
export type Refutation = ProofResult & { readonly counterexample: Counterexample }

/** The proofs that can be replayed. */
export function refutationsOf(proofs: readonly ProofResult[]): readonly Refutation[] {
  return proofs.filter(
    (proof): proof is Refutation =>
      proof.verdict !== 'proven' && proof.counterexample !== undefined,
  )
}

/** A counterexample in which some setting was never set on the connection. */
export function needsFreshConnection({ counterexample }: Refutation): boolean {
  return Object.values(counterexample.settings).includes(null)
}

/**
 * Replays counterexamples on the server, each in a transaction of its own that is rolled back. What
 * does not show on the server is no leak: the result says why.
 */
export async function replayProofs(
  db: Queryable,
  run: ObjectRun,
  refutations: readonly Refutation[],
): Promise<{ readonly results: AttackResult[]; readonly statements: number }> {
  const results: AttackResult[] = []
  let statements = 0
  for (const proof of refutations) {
    const { object, counterexample: example } = proof
    const role = attackersOf(run.input).find(({ name }) => name === proof.role)
    const target = targetFor(run, example.view === undefined ? object : example.relation, role)
    if (role === undefined || target === undefined) continue
    const outcome = await inRolledBackTransaction(db, run.limits, async (session) => {
      const found = await replay(run, session, target, role, example)
      statements += session.statements
      return found
    }).catch(whenEnded)
    results.push({
      object,
      role: proof.role,
      roleKind: role.kind,
      attack: { ...replayAttack, command: proof.command, context: 'own' },
      outcome,
    })
  }
  return { results, statements }
}

function targetFor(
  { targets }: ObjectRun,
  object: string,
  role: Attacker | undefined,
): Target | undefined {
  const target = targets.get(object)
  const isTable =
    target?.table.relation.kind === 'table' || target?.table.relation.kind === 'partitioned-table'
  // Only members act as one user, so that only they are kept from other users' rows.
  return isTable && (target.boundary === 'tenant' || role?.kind === 'app') ? target : undefined
}

async function replay(
  run: ObjectRun,
  session: ProbeSession,
  target: Target,
  role: Attacker,
  example: Counterexample,
): Promise<Outcome> {
  const { input, pair, targets } = run
  if (example.command !== 'SELECT' && (await hasMoreRowsThan(session, target, run.mostBlindRows))) {
    return inconclusive(tooLarge)
  }
  const rows = await prepareRows(input, session, targets, target, pair)
  if (typeof rows === 'string') return inconclusive(rows)
  const orgUnits = await readOrgUnits(input, session, pair.own.tenant)
  const synthesis = synthesisFor(input, session, targets, pair.own)
  const grants = await makeGrants(input, synthesis, pair.own, [role])
  const maker = await contextMaker(input, session, orgUnits, grants)
  if (typeof maker === 'string') return inconclusive(maker)
  const own = maker.make(pair.own, role)
  if (typeof own === 'string') return inconclusive(own)
  const isUser = target.boundary === 'user'
  const base: Omit<Probe, 'context' | 'noContext'> = {
    input,
    session,
    target,
    role: example.role,
    own: (isUser ? pair.own.user : pair.own.tenant) ?? '',
    foreign: (isUser ? pair.foreign.user : pair.foreign.tenant) ?? '',
    ownPrincipal: pair.own,
    foreignPrincipal: pair.foreign,
    synthesis: (principal) => synthesisFor(input, session, targets, principal),
    ownRows: rows.own,
    foreignRows: rows.foreign,
    isSuperuser: input.catalog.server.isSuperuser,
  }
  let last: Outcome = inconclusive('there is nothing to replay')
  for (const variation of variationsOf(example)) {
    const concrete = concreteExample(input, example, target, pair, variation)
    const context = settingsOf(input.model, example, concrete.settings, own)
    // Whoever may act as the victim reaches the victim's rows: that shows nothing.
    if (isVictim(run, context)) continue
    const outcome = await session.attempt(() =>
      replayOnce(
        { input, session, targets, pair },
        { ...base, context, noContext: context },
        example,
        variation.victim,
        concrete,
      ),
    )
    if (outcome.kind === 'leak')
      return { ...outcome, what: `${outcome.what}${circumstances(example)}` }
    last = outcome.kind === 'held' ? inconclusive('the policies refuse it on the server') : outcome
  }
  const reason = last.kind === 'inconclusive' ? last.reason : 'it shows nothing'
  return inconclusive(`the counterexample does not replay: ${reason}`)
}

function isVictim({ input, pair }: ObjectRun, context: ContextSettings): boolean {
  const { context: declared } = input.model
  const names =
    declared.kind === 'guc'
      ? [declared.tenant, declared.user]
      : declared.kind === 'membership'
        ? [declared.user.guc]
        : []
  const { tenant, user } = pair.foreign
  return context.some(
    ([name, value]) =>
      names.some((each) => each?.toLowerCase() === name.toLowerCase()) &&
      (value === tenant || value === user),
  )
}

function variationsOf(example: Counterexample): readonly Variation[] {
  const labels = new Set(
    example.rows.filter(({ relation }) => relation === example.relation).map(({ label }) => label),
  )
  const victims = ['row', 'old row', 'new row'].filter((label) => labels.has(label))
  return victims.flatMap((victim) =>
    (['fresh', 'linked'] as const).flatMap((unknownKeys) =>
      (['future', 'past'] as const).map((time) => ({ victim, unknownKeys, time })),
    ),
  )
}

/** Which columns and settings the counterexample is about; values are left out. */
function circumstances({ rows, relation, settings }: Counterexample): string {
  const columns = rows
    .filter((row) => row.relation === relation)
    .flatMap(({ values }) => Object.keys(values))
  const others = [...new Set(rows.map((row) => row.relation))].filter((name) => name !== relation)
  const parts = [
    ...(columns.length === 0 ? [] : [`${[...new Set(columns)].join(', ')} of the row`]),
    ...(others.length === 0 ? [] : [`rows of ${others.join(', ')}`]),
    ...(Object.keys(settings).length === 0 ? [] : [Object.keys(settings).join(', ')]),
  ]
  return parts.length === 0 ? '' : ` for certain values of ${parts.join(' and of ')}`
}
