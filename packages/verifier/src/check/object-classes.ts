import type { FunctionInfo, Relation } from 'watertight/catalog'
import type { AttackReport } from '../attack/run-attacks.js'
import type {
  AccessGraph,
  ClassCoverage,
  ClassReason,
  CoverageRow,
  ObjectClass,
} from '../findings/index.js'
import { genuineFunctions } from 'watertight/plan'
import { functionName } from '../graph/function-name.js'
import { actionName, largeObjectColumns, nodeId } from '../graph/graph-names.js'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'

/** What a run looked at. */
export interface ClassInput {
  readonly lint: LintInput
  readonly coverage: readonly CoverageRow[]
  readonly graph: AccessGraph
  /** Null when no probes were asked for. */
  readonly attacks: AttackReport | null
}

/** One object and how far the run got with it. */
interface Judged {
  readonly class: ObjectClass
  readonly name: string
  readonly state: 'checked' | 'skipped' | 'impossible'
  readonly reason: string
}

type Answer = Pick<Judged, 'state' | 'reason'>

const checked: Answer = { state: 'checked', reason: '' }
const skipped = (reason: string): Answer => ({ state: 'skipped', reason })
const impossible = (reason: string): Answer => ({ state: 'impossible', reason })

/** Checked, skipped and impossible per class: every object of the catalog is in one count. */
export function classCoverage(input: ClassInput): ClassCoverage[] {
  const groups = new Map<ObjectClass, Judged[]>()
  for (const judged of judgeAll(input)) {
    const group = groups.get(judged.class) ?? []
    group.push(judged)
    groups.set(judged.class, group)
  }
  return [...groups].map(([name, judged]) => {
    const count = (state: Judged['state']): number =>
      judged.filter((each) => each.state === state).length
    return {
      class: name,
      total: judged.length,
      checked: count('checked'),
      skipped: count('skipped'),
      impossible: count('impossible'),
      reasons: reasonsOf(judged),
    }
  })
}

function reasonsOf(judged: readonly Judged[]): readonly ClassReason[] {
  const groups = new Map<string, { state: ClassReason['state']; reason: string; names: string[] }>()
  for (const { state, reason, name } of judged) {
    if (state === 'checked') continue
    const key = `${state} ${reason}`
    const group = groups.get(key) ?? { state, reason, names: [] }
    group.names.push(name)
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ state, reason, names }) => ({
      state,
      reason,
      count: names.length,
      examples: names.toSorted().slice(0, 3),
    }))
    .toSorted((a, b) => b.count - a.count)
}

function judgeAll(input: ClassInput): readonly Judged[] {
  const { catalog, model } = input.lint
  const rows = new Map<string, CoverageRow[]>()
  for (const row of input.coverage) {
    const list = rows.get(row.object)
    if (list === undefined) rows.set(row.object, [row])
    else list.push(row)
  }
  const opaque = new Map(input.graph.nodes.map((node) => [node.id, node.opaque]))
  const named = Object.values(model.roles).filter((name) => typeof name === 'string')
  const genuine = genuineFunctions(model, catalog)
  const known = new Set(catalog.roles.map(({ name }) => name))
  return [
    ...[...new Set(named)].map((name): Judged => ({
      class: 'role',
      name,
      ...(known.has(name) ? checked : impossible('the model names it and it does not exist')),
    })),
    ...catalog.relations.flatMap((relation) => judgeRelation(input, relation, rows, opaque)),
    ...catalog.functions.map((fn): Judged => ({
      class: 'function',
      name: functionName(fn),
      ...judgeFunction(fn, opaque, genuine),
    })),
    ...catalog.sequences.map((sequence): Judged => ({
      class: 'sequence',
      name: objectName(sequence),
      ...checked,
    })),
    ...catalog.publications.map(({ name }): Judged => ({ class: 'publication', name, ...checked })),
  ]
}

type Opaque = ReadonlyMap<string, readonly string[]>

function judgeFunction(fn: FunctionInfo, opaque: Opaque, genuine: ReadonlySet<string>): Answer {
  if (fn.extension !== null) return skipped('functions of extensions are taken as they are')
  // Out of the graph: no runtime role leads to it. With the caller's rights it does what they may.
  const parts = opaque.get(nodeId('function', functionName(fn))) ?? []
  const isElevated = fn.securityDefiner || /^(c|internal|.*u)$/.test(fn.language)
  const [first] = parts
  // One of the isolation layer has been compared with what is generated, to the letter.
  const isOwn = fn.schema === 'watertight' && genuine.has(fn.name)
  if (first === undefined || !isElevated || isOwn) return checked
  return impossible(`holds ${first}, which cannot be read`)
}

function judgeRelation(
  input: ClassInput,
  relation: Relation,
  rows: ReadonlyMap<string, readonly CoverageRow[]>,
  opaque: Opaque,
): readonly Judged[] {
  const name = objectName(relation)
  const parts: Judged[] = [
    { class: classOf(relation), name, ...judgeCells(input, relation, rows.get(name)) },
    ...relation.triggers.map((trigger): Judged => ({
      class: 'trigger',
      name: actionName(trigger.name, relation),
      ...checked,
    })),
  ]
  for (const rule of relation.rules) {
    if (rule.event === 'SELECT') continue
    const [first] = opaque.get(nodeId('rule', actionName(rule.name, relation))) ?? []
    const answer = first === undefined ? checked : impossible(`holds ${first}`)
    parts.push({ class: 'rule', name: actionName(rule.name, relation), ...answer })
  }
  if (input.lint.tables.isProtected(name) && largeObjectColumns(relation).length > 0) {
    parts.push({ class: 'large-objects', name, ...judgeLargeObjects(input, name) })
  }
  return parts
}

function classOf(relation: Relation): ObjectClass {
  if (relation.isPartition) return 'partition'
  return relation.kind === 'partitioned-table' ? 'table' : relation.kind
}

function judgeCells(
  input: ClassInput,
  relation: Relation,
  rows: readonly CoverageRow[] | undefined,
): Answer {
  const isView = relation.kind === 'view' || relation.kind === 'materialized-view'
  if (rows === undefined) {
    // Views without cells read no tenant rows past policies; their tables are judged themselves.
    if (isView) return checked
    if (relation.persistence === 'temporary') return skipped('temporary')
    if (relation.schema === 'watertight') return skipped('part of the isolation layer itself')
    return input.lint.roles.length === 0 && input.lint.model.schemas.includes(relation.schema)
      ? impossible('no runtime role exists whose rights could be looked at')
      : skipped('outside the schemas of the model')
  }
  const open = rows.find(({ verdict }) => verdict === 'unknown')
  if (open === undefined) return checked
  if (input.attacks === null) return skipped('not proven, and live probes were not asked for')
  if (input.attacks.skipped !== null) return impossible(`not probed: ${input.attacks.skipped}`)
  return impossible('not proven, and probes alone prove nothing')
}

function judgeLargeObjects(input: ClassInput, name: string): Answer {
  const { attacks } = input
  if (attacks === null) return skipped('live probes were not asked for')
  const results = attacks.results.filter(
    ({ attack, object }) => attack.id === 'large-object' && object === name,
  )
  const open = results.find(({ outcome }) => outcome.kind === 'inconclusive')
  if (open?.outcome.kind === 'inconclusive') return impossible(open.outcome.reason)
  return results.length > 0 ? checked : impossible(attacks.skipped ?? 'no probe fits')
}
