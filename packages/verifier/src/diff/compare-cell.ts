import type { Relation } from 'watertight/catalog'
import { objectName } from '../graph/object-name.js'
import type { Solver } from '../prove/solver.js'
import { comparePolicies } from './compare-policies.js'
import type { Candidate, ComparedCell, Direction } from './compare-policies.js'
import { definitionOf } from './definition.js'
import type { DiffCell, DiffExample, DiffTrial, DiffVerdict } from './diff-result.js'
import type { PairSide } from './paired-encoding.js'
import { replay } from './replay.js'
import type { ReplaySide } from './replay.js'

/** One of the two databases. */
export interface ComparedSide extends PairSide {
  /** Where examples are tried; null to leave them untried. */
  readonly replay: ReplaySide | null
}

type Answered = Pick<DiffCell, 'verdict' | 'reason' | 'by'> & Partial<DiffCell>

/** Decides one cell; null when neither side lets the role run the command. */
export async function compareCell(
  before: ComparedSide,
  after: ComparedSide,
  cell: ComparedCell,
  solver: Solver,
): Promise<DiffCell | null> {
  const { relation, role, command } = cell
  const can = (side: ComparedSide, own: Relation | null): boolean =>
    own !== null &&
    side.subject.catalog.roles.some(({ name }) => name === role) &&
    side.subject.access.can(role, command, own)
  const [could, canNow] = [can(before, relation.before), can(after, relation.after)]
  const object = relation.after ?? relation.before
  if (object === null || (!could && !canNow)) return null
  const finish = (answered: Answered): DiffCell => ({
    object: objectName(object),
    role,
    command,
    wider: null,
    narrower: null,
    assumptions: [],
    ...answered,
  })
  const rows = isTable(relation.before ?? object) && isTable(relation.after ?? object)
  const answered = rows
    ? await compareRows(before, after, cell, solver)
    : await compareView(before, after, cell, solver, could, canNow)
  return finish(could && canNow ? withColumns(before, after, cell, answered) : answered)
}

function isTable({ kind }: Relation): boolean {
  return kind === 'table' || kind === 'partitioned-table'
}

async function compareRows(
  before: ComparedSide,
  after: ComparedSide,
  cell: ComparedCell,
  solver: Solver,
): Promise<Answered> {
  const { relation, role, command } = cell
  const was = definitionOf(before, relation.before, role, command)
  const is = definitionOf(after, relation.after, role, command)
  if (was === is) {
    const reason = 'the policies and all that they rest on say the same'
    return { verdict: 'same', reason, by: 'definition' }
  }
  const compared = await comparePolicies(before, after, cell, solver)
  const wider = await confirmed(before, after, cell, compared.wider, 'wider')
  const narrower = await confirmed(before, after, cell, compared.narrower, 'narrower')
  const { assumptions } = compared
  const examples = { wider: wider.example, narrower: narrower.example, assumptions }
  const open = [wider, narrower].find(({ holds }) => holds === null)
  const verdict = verdictOf(wider.holds, narrower.holds)
  const isReplayed = wider.example?.replayed === true || narrower.example?.replayed === true
  const reasons: Readonly<Record<DiffVerdict, string>> = {
    same: 'proven to reach the same rows, whatever the data and the context',
    wider: 'rows are reached that were not reached before',
    narrower: 'rows are no longer reached that were reached before',
    both: 'rows are reached that were not reached before, and others no longer are',
    unknown: open?.reason ?? '',
  }
  const by = isReplayed ? 'replay' : 'prove'
  // Half an answer: one direction is known, the other open.
  const also = open !== undefined && verdict !== 'unknown' ? `; open: ${open.reason}` : ''
  return { verdict, reason: `${reasons[verdict]}${also}`, by, ...examples }
}

function verdictOf(wider: boolean | null, narrower: boolean | null): DiffVerdict {
  if (wider === true) return narrower === true ? 'both' : 'wider'
  // That it is not wider is what people ask first: not known is not known.
  if (wider === null || narrower === null) return 'unknown'
  return narrower ? 'narrower' : 'same'
}

interface Confirmed {
  /** Null: not known. */
  readonly holds: boolean | null
  readonly reason: string
  readonly example: DiffExample | null
}

async function confirmed(
  before: ComparedSide,
  after: ComparedSide,
  cell: ComparedCell,
  direction: Direction,
  which: 'wider' | 'narrower',
): Promise<Confirmed> {
  if (direction.kind === 'never') return { holds: false, reason: '', example: null }
  if (direction.kind === 'unknown') {
    return { holds: null, reason: direction.reason, example: null }
  }
  let note = 'it was not tried on the servers'
  for (const candidate of direction.candidates) {
    if (before.replay === null || after.replay === null) break
    const was = await replay(before.replay, cell.relation.before, cell, candidate)
    const is = await replay(after.replay, cell.relation.after, cell, candidate)
    const [has, lacks] = which === 'wider' ? [is, was] : [was, is]
    if (has.kind === 'allowed' && lacks.kind === 'denied') {
      const example = exampleOf(candidate, true, has.statement, has.trial)
      return { holds: true, reason: '', example }
    }
    note =
      has.kind === 'impossible'
        ? has.reason
        : lacks.kind === 'impossible'
          ? lacks.reason
          : `the servers answer alike to the example of the solver (${was.kind}, ${is.kind})`
    const isRefuted = has.kind !== 'impossible' && lacks.kind !== 'impossible'
    if (isRefuted) continue
    if (direction.exact) {
      const example = exampleOf(candidate, false, `not tried: ${note}`)
      return { holds: true, reason: '', example }
    }
  }
  const [first] = direction.candidates
  const isUntried = before.replay === null || after.replay === null
  if (first !== undefined && direction.exact && isUntried) {
    return { holds: true, reason: '', example: exampleOf(first, false, note) }
  }
  const example = first === undefined ? null : exampleOf(first, false, note)
  const reason = `whether ${which === 'wider' ? 'more' : 'fewer'} rows are reached is not proven: ${note}`
  return { holds: null, reason, example }
}

function exampleOf(
  { settings, rows }: Candidate,
  replayed: boolean,
  note: string,
  trial: DiffTrial | null = null,
): DiffExample {
  return { settings, rows, replayed, note, trial }
}

/** Policies do not bind a view: it shows what it reads. */
async function compareView(
  before: ComparedSide,
  after: ComparedSide,
  cell: ComparedCell,
  solver: Solver,
  could: boolean,
  canNow: boolean,
): Promise<Answered> {
  const { relation, role } = cell
  if (!could) return { verdict: 'wider', reason: 'the role may use it now', by: 'catalog' }
  if (!canNow) return { verdict: 'narrower', reason: 'the role may not use it now', by: 'catalog' }
  const [was, is] = [relation.before, relation.after]
  if (was === null || is === null) return { verdict: 'unknown', reason: 'no view', by: 'catalog' }
  const own = ({ dependencies }: ComparedSide, view: Relation): string =>
    JSON.stringify([
      view.kind,
      view.definition,
      view.options,
      view.owner,
      view.rules,
      view.columns.map(({ name, type }) => [name, type]),
      dependencies.ofFunctionsIn(view.definition ?? '', role),
    ])
  if (own(before, was) !== own(after, is)) {
    const reason = `the ${is.kind} is defined differently, and what it shows is not compared`
    return { verdict: 'unknown', reason, by: 'definition' }
  }
  const text = [was.definition ?? '', ...was.rules.map(({ definition }) => definition)].join('\n')
  const same = { verdict: 'same', by: 'definition' } as const
  if (before.dependencies.digest(text, role) === after.dependencies.digest(text, role)) {
    return { ...same, reason: 'its definition and all that it rests on say the same' }
  }
  const isInvoker = /^(true|on|1|yes)$/i.test(is.options['security_invoker'] ?? '')
  const reader = isInvoker ? role : is.owner
  for (const { schema, name } of is.reads) {
    const find = ({ subject }: ComparedSide): Relation | null =>
      subject.catalog.relations.find((entry) => entry.schema === schema && entry.name === name) ??
      null
    const read = { before: find(before), after: find(after) }
    const inner: ComparedCell = { relation: read, role: reader, command: 'SELECT' }
    const answer = await compareCell(before, after, inner, solver)
    if (answer !== null && answer.verdict !== 'same') {
      const reason = `it reads ${answer.object} as ${reader}, which is ${answer.verdict} there`
      return { verdict: 'unknown', reason, by: answer.by }
    }
  }
  return { ...same, reason: 'what it reads is the same' }
}

/** Columns that the role may use now and could not before, of those that both sides have. */
function withColumns(
  before: ComparedSide,
  after: ComparedSide,
  { relation, role, command }: ComparedCell,
  answered: Answered,
): Answered {
  const { before: was, after: is } = relation
  if (was === null || is === null || command === 'DELETE') return answered
  const both = new Set(was.columns.map(({ name }) => name))
  const old = before.subject.access.columns(role, command, was)
  const now = after.subject.access.columns(role, command, is)
  const more = now.filter((name) => both.has(name) && !old.includes(name))
  const fewer = old.filter(
    (name) => is.columns.some((column) => column.name === name) && !now.includes(name),
  )
  if (more.length + fewer.length === 0) return answered
  const parts = [
    ...(more.length > 0 ? [`columns now within reach: ${more.join(', ')}`] : []),
    ...(fewer.length > 0 ? [`columns no longer within reach: ${fewer.join(', ')}`] : []),
  ]
  const isWider = more.length > 0 || answered.verdict === 'wider' || answered.verdict === 'both'
  const isNarrower =
    fewer.length > 0 || answered.verdict === 'narrower' || answered.verdict === 'both'
  const verdict = isWider ? (isNarrower ? 'both' : 'wider') : isNarrower ? 'narrower' : 'same'
  const isOpen = answered.verdict === 'unknown' && !isWider
  return {
    ...answered,
    verdict: isOpen ? 'unknown' : verdict,
    reason: [...(answered.verdict === 'same' ? [] : [answered.reason]), ...parts].join('; '),
    by: answered.verdict === 'same' ? 'catalog' : answered.by,
  }
}
