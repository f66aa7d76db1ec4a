import type { Relation } from 'watertight/catalog'
import type { Command, Disclosure, TableName } from 'watertight/model'
import type { GeneratedLayer } from 'watertight/plan'
import type { AttackResult } from '../attack/attack-result.js'
import { replayAttack } from '../attack/replay/replay-proofs.js'
import type { AttackReport } from '../attack/run-attacks.js'
import { compareVerdict } from '../findings/index.js'
import type { CoverageRow, Finding } from '../findings/index.js'
import { disclosureReview, disclosureText } from '../graph/disclosures.js'
import { exposedTables } from '../graph/exposed-tables.js'
import { objectName } from '../graph/object-name.js'
import { relationNamed } from '../graph/relation-named.js'
import { readTables } from '../graph/read-tables.js'
import { commands, reachOf } from '../lint/reach.js'
import type { LintInput } from '../lint/rule.js'
import type { ProofResult } from '../prove/proof-result.js'
import { recursionState, recursivePolicies } from '../lint/recursive-policies.js'
import { proofAnswer, unprovenReason } from './proof-answer.js'

type Answer = Pick<CoverageRow, 'verdict' | 'by' | 'reason'> & Partial<CoverageRow>

/** What the probes came to; null when they were not run. */
export interface CoverageInput {
  readonly lint: LintInput
  /** What the rules found. */
  readonly linted: readonly Finding[]
  readonly attacks: AttackReport | null
  readonly proofs: readonly ProofResult[]
  readonly generated: GeneratedLayer | null
}

/** One row for every object, runtime role and command: nothing that exists is left out. */
export function coverageOf(input: CoverageInput): CoverageRow[] {
  const { lint } = input
  const results = new Map<string, AttackResult[]>()
  for (const result of input.attacks?.results ?? []) {
    // An oracle opens no row: the cell is about rows.
    if (result.attack.severity === 'warning') continue
    const at = key(result.object, result.role, result.attack.command)
    results.set(at, [...(results.get(at) ?? []), result])
  }
  const proofs = new Map(
    input.proofs.map((proof) => [key(proof.object, proof.role, proof.command), proof]),
  )
  const rows: CoverageRow[] = []
  const covered = coveredRelations(lint)
  const around = waysAround(input.attacks, covered)
  for (const relation of covered) {
    const object = objectName(relation)
    for (const role of lint.roles) {
      for (const command of commandsOn(lint, relation)) {
        const probes = results.get(key(object, role.name, command)) ?? []
        const answer = lessThanProven(
          answerFor(input, proofs, relation, role.name, command, probes),
          around.find((way) => way.role === role.name && way.related?.includes(object) === true),
        )
        rows.push({
          object,
          kind: relation.isPartition ? 'partition' : relation.kind,
          role: role.name,
          command,
          assumptions: [],
          ...answer,
          ...toldBeside(lint, object, role.name, command, answer),
          ...(probes.length > 0 && { probes: probes.length }),
        })
      }
    }
  }
  return rows.toSorted(
    (a, b) => compareVerdict(a.verdict, b.verdict) || (a.object < b.object ? -1 : 1),
  )
}

/** The role, or one that it can become, holds the privilege on a relation, or may change who holds it. */
function canUse(
  { access, catalog }: LintInput,
  name: string,
  role: string,
  command: Command,
): boolean {
  const relation = relationNamed(catalog, name)
  return (
    relation === undefined ||
    access.canOwn(role, relation) ||
    [role, ...access.closure(role).reachable].some((actor) => access.can(actor, command, relation))
  )
}

/** Leaks through what is no table or view, such as functions. */
function waysAround(report: AttackReport | null, covered: readonly Relation[]): AttackResult[] {
  const names = new Set(covered.map((relation) => objectName(relation)))
  return (report?.results ?? []).filter(
    ({ object, attack, outcome }) =>
      outcome.kind === 'leak' && attack.severity !== 'warning' && !names.has(object),
  )
}

/** The policies of a table hold, and somebody was led past them on the server. */
function lessThanProven(answer: Answer, way: AttackResult | undefined): Answer {
  if (answer.verdict !== 'proven' || way?.outcome.kind !== 'leak') return answer
  const reason = `its policies hold, but ${way.attack.id} on ${way.object}: ${way.outcome.what}`
  return { ...answer, verdict: 'unknown', by: 'attack', reason }
}

/** What a proven cell does not speak of: functions that tell, or change, the same by declaration. */
function toldBeside(
  { model, catalog }: LintInput,
  object: string,
  role: string,
  command: Command,
  { verdict, assumptions = [] }: Answer,
): Pick<CoverageRow, 'assumptions'> | undefined {
  if (verdict !== 'proven') return undefined
  const beside = disclosureReview(model, catalog).declared.filter(
    ({ disclosure, functions }) =>
      disclosure.modes.some((mode) => model.roles[mode] === role) &&
      tablesBy(disclosure, command).some((table) => objectName(table) === object) &&
      functions.length > 0,
  )
  if (beside.length === 0) return undefined
  return { assumptions: [...assumptions, ...beside.map((each) => disclosureText(each.disclosure))] }
}

function tablesBy(disclosure: Disclosure, command: Command): readonly TableName[] {
  switch (command) {
    case 'SELECT':
      return disclosure.reads.map(({ table }) => table)
    case 'INSERT':
      return disclosure.inserts.map(({ table }) => table)
    case 'UPDATE':
      return disclosure.updates.map(({ table }) => table)
    case 'DELETE':
      return disclosure.deletes
  }
}

function key(object: string, role: string, command: Command): string {
  return [command, role, object].join(' ')
}

/** Tables of the model's schemas, and every view that a runtime role reads or writes tenant rows through. */
function coveredRelations(lint: LintInput): Relation[] {
  const views = lint.catalog.relations.filter(
    (relation) =>
      (relation.kind === 'view' || relation.kind === 'materialized-view') &&
      reachOf(lint, relation).length > 0 &&
      exposedTables(relation, lint.catalog, lint.access, lint.tables).length > 0,
  )
  return [...lint.tables.tables.map((table) => table.relation), ...views]
}

/** Views are there to be read; writes through them are told of where somebody may run them. */
function commandsOn(lint: LintInput, relation: Relation): readonly Command[] {
  if (relation.kind === 'materialized-view') return ['SELECT']
  if (relation.kind !== 'view') return commands
  const held = new Set(reachOf(lint, relation).flatMap((reach) => reach.commands))
  return commands.filter((command) => command === 'SELECT' || held.has(command))
}

function answerFor(
  input: CoverageInput,
  proofs: ReadonlyMap<string, ProofResult>,
  relation: Relation,
  role: string,
  command: Command,
  probes: readonly AttackResult[],
): Answer {
  const { lint } = input
  const leak = probes.find((probe) => probe.outcome.kind === 'leak')
  if (leak?.outcome.kind === 'leak') {
    const by = leak.attack.id === replayAttack.id ? 'prove' : 'attack'
    return { verdict: 'leak', by, reason: `${leak.attack.id}: ${leak.outcome.what}` }
  }
  if (!lint.access.can(role, command, relation)) {
    return { verdict: 'not-applicable', by: 'lint', reason: 'the role holds no such privilege' }
  }
  const table = lint.tables.get(objectName(relation))
  const name = { schema: relation.schema, name: relation.name }
  const isExact = input.generated?.isExact(name) === true
  if (table?.scope === 'global') return globalAnswer(lint, relation, role, command, isExact)
  if (isDenied(lint, relation, role, command)) {
    return { verdict: 'not-applicable', by: 'lint', reason: 'no policy admits a row' }
  }
  if (table !== undefined && table.scope === null) {
    const reason = 'the table is not classified; declare its scope'
    return { verdict: 'unknown', by: 'lint', reason }
  }
  if (command === 'SELECT' && table?.public?.where === null && table.public.columns === null) {
    return { verdict: 'not-applicable', by: 'lint', reason: 'every row is declared public' }
  }
  const first = recursionOf(lint, relation, role, command, probes)
  const proof = proofs.get(key(objectName(relation), role, command))
  const mayWrite = (view: string): boolean =>
    proofs.get(key(view, role, command))?.verdict !== 'proven' && canUse(lint, view, role, command)
  const answer =
    proof && proofAnswer(proof, input.linted, readTables(lint.catalog, relation), mayWrite)
  if (answer) return { ...answer, reason: `${first}${answer.reason}` }
  if (input.generated !== null && isExact && proof?.verdict !== 'refuted') {
    const assumptions = input.generated.assumptionsOf(name)
    return { verdict: 'proven', by: 'lint', reason: exactReason(proof), assumptions }
  }
  const { by, reason } = probed(input.attacks, probes)
  const why = proof === undefined ? '' : `${unprovenReason(proof)}; `
  return { verdict: 'unknown', by, reason: `${first}${why}${reason}` }
}

/** What to say before all else where the server refuses every statement, whatever is proven of them. */
function recursionOf(
  lint: LintInput,
  relation: Relation,
  role: string,
  command: Command,
  probes: readonly AttackResult[],
): string {
  const isRefused = probes.some(
    ({ outcome }) => outcome.kind === 'inconclusive' && outcome.reason.includes(recursionState),
  )
  const circle = isRefused ? recursivePolicies(lint, relation, role, command) : null
  return circle === null ? '' : `${circle}; `
}

/** The solver comes first; that nothing differs from what is generated is the second best answer. */
function exactReason(proof: ProofResult | undefined): string {
  const reason = 'the isolation layer is exactly as generated'
  return proof === undefined ? reason : `${reason}; the solver has no proof: ${proof.reason}`
}

/** Everybody's rows may be read by everybody; to change them is another matter. */
function globalAnswer(
  lint: LintInput,
  relation: Relation,
  role: string,
  command: Command,
  isExact: boolean,
): Answer {
  if (command === 'SELECT') {
    return { verdict: 'not-applicable', by: 'lint', reason: 'the table is declared global' }
  }
  if (isDenied(lint, relation, role, command)) {
    return { verdict: 'not-applicable', by: 'lint', reason: 'no policy admits a row' }
  }
  if (isExact && role === lint.model.roles.platform) {
    const reason =
      'the table is declared global, and the layer as generated has the platform keep it'
    return { verdict: 'not-applicable', by: 'lint', reason }
  }
  const reason = 'the role may change rows that every tenant reads; nothing says whether it should'
  return { verdict: 'unknown', by: 'lint', reason }
}

function isDenied(lint: LintInput, relation: Relation, role: string, command: Command): boolean {
  return (
    relation.rls.enabled &&
    !lint.access.bypassesRls(role, relation) &&
    !lint.access.policies(role, command, relation).some((policy) => policy.permissive)
  )
}

function probed(
  report: AttackReport | null,
  probes: readonly AttackResult[],
): Pick<Answer, 'by' | 'reason'> {
  if (report === null) return { by: 'lint', reason: 'not probed: live probes were not asked for' }
  if (report.skipped !== null) return { by: 'lint', reason: `not probed: ${report.skipped}` }
  if (probes.length === 0) return { by: 'lint', reason: 'not probed: no attack fits the object' }
  // Why a counterexample could not be shown says the most.
  const told = probes.toSorted(
    (a, b) => Number(b.attack.id === replayAttack.id) - Number(a.attack.id === replayAttack.id),
  )
  const open = told.flatMap(({ attack, outcome }) =>
    outcome.kind === 'inconclusive' ? [`${attack.id}: ${outcome.reason}`] : [],
  )
  const heldCount = probes.length - open.length
  const summary = `${heldCount} of ${probes.length} probes were refused; not proven`
  const reasons = [...new Set(open)]
  const more = reasons.length > 2 ? [`and ${reasons.length - 2} probes more came to nothing`] : []
  return { by: 'attack', reason: [summary, ...reasons.slice(0, 2), ...more].join('; ') }
}
