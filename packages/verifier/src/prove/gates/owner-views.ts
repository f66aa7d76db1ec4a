import { findRelation } from 'watertight/catalog'
import type { Relation } from 'watertight/catalog'
import type { Occurrence } from '../../expr/index.js'
import type { ClassifiedTable } from '../../graph/classify.js'
import { objectName } from '../../graph/object-name.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import { isAbsent, noteKeysAreNotEmpty } from '../context/absent-context.js'
import { ownerUnknown } from '../context/foreign-row.js'
import { isOwnRow } from '../context/own-row.js'
import { decide } from '../decide.js'
import type { Decided } from '../decide.js'
import type { Encoding, Subject } from '../encode/encoding.js'
import type { Row } from '../encode/row-shape.js'
import { unstated } from '../obligation.js'
import type { Obligation, Property, Unstated } from '../obligation.js'
import type { ProofResult } from '../proof-result.js'
import type { Solver } from '../solver.js'
import { and, falsity, not } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { settingDefault } from './catalog-facts.js'
import { ownerFrame, ownerViewCells } from './owner-rights.js'
import { queryOf } from './updatable-view.js'
import { readingsOf } from './view-readings.js'
import type { Reading } from './view-readings.js'

/**
 * What views show that read with the rights of their owner: proven where their own conditions (and the
 * policies that bind the owner) let through rows of the context alone. Others are left out.
 */
export async function ownerViewResults(
  subject: Subject,
  roles: readonly RuntimeRoleName[],
  solver: Solver,
): Promise<readonly ProofResult[]> {
  const results: ProofResult[] = []
  for (const { view, role } of ownerViewCells(subject, roles, ['SELECT'])) {
    const first = view.reads
      .map(({ schema, name }) => findRelation(subject.catalog, schema, name))
      .flatMap((relation) => (relation ? [subject.tables.get(objectName(relation))] : []))
      .find((table) => table !== undefined && subject.tables.isProtected(table.name))
    if (first === undefined) continue
    const decided = await proveView(subject, view, first, role, solver)
    results.push({ object: objectName(view), role, command: 'SELECT', ...decided })
  }
  return results
}

async function proveView(
  subject: Subject,
  view: Relation,
  table: ClassifiedTable,
  role: string,
  solver: Solver,
): Promise<Decided> {
  const unknown = (reason: string): Decided => ({ verdict: 'unknown', reason, assumptions: [] })
  const owned = `${objectName(view)} reads its tables with the rights of ${view.owner}`
  const hint = 'set (security_invoker = true)'
  const standing = settingDefault(subject, role)
  if (standing !== undefined) return unknown(standing)
  const obstacle = obstacleOf(subject, view, role)
  if (obstacle !== undefined) return unknown(`${owned}, and ${obstacle}; ${hint}`)
  const query = queryOf(subject.catalog, view)
  if (typeof query === 'string') return unknown(`${owned}, and ${query}; ${hint}`)
  const readings = readingsOf(query.select, query.occurrences)
  if (typeof readings === 'string') return unknown(`${owned}, and there is ${readings}; ${hint}`)
  const assumptions = new Set<string>()
  for (const reading of readings) {
    for (const { property, shown } of propertiesOf(subject, view, reading, query.occurrences)) {
      const obligation: Obligation = { table: shown ?? table, role, actor: role, command: 'SELECT' }
      const decided = await decide(subject, property, obligation, solver)
      if (decided.verdict !== 'proven') {
        const reason = `${owned}, and of what its own condition lets through ${decided.reason}`
        return { ...unknown(reason), ...(shown && exampleOf(decided, view, property)) }
      }
      for (const assumption of decided.assumptions) assumptions.add(assumption)
    }
  }
  const reason = `it reads with the rights of ${view.owner}, and its own condition lets through rows of the context alone`
  return { verdict: 'proven', reason, assumptions: [...assumptions].toSorted() }
}

/** A way past the view's condition. */
export function obstacleOf(
  { access, catalog }: Subject,
  view: Relation,
  role: string,
): string | undefined {
  const isBarrier = ['true', 'on', 'yes', '1'].includes(
    (view.options['security_barrier'] ?? 'false').toLowerCase(),
  )
  if (!isBarrier) return 'is no security barrier, so that a function in a query may see rows first'
  if (access.canOwn(role, view)) return `${role} can change it`
  if (view.rules.some(({ event }) => event !== 'SELECT')) return 'has a rule'
  const leaky = catalog.functions.find(
    (fn) => fn.leakproof && fn.extension === null && access.canExecute(role, fn),
  )
  if (leaky !== undefined) return `${objectName(leaky)}() is marked LEAKPROOF`
  // Nothing names what runs behind operators, casts, aggregates and types.
  const behind = catalog.functions.find(
    (fn) => fn.isImplicit && fn.extension === null && fn.schema !== 'pg_catalog',
  )
  return behind && `an operator, cast or aggregate may run ${objectName(behind)}()`
}

interface ViewProperty {
  readonly property: Property
  /** The table whose rows it is about; undefined when it is about the whole. */
  readonly shown?: ClassifiedTable
}

/** Each row that a result is made of is the context's own, and without a context there is none. */
function propertiesOf(
  { catalog, tables }: Subject,
  view: Relation,
  reading: Reading,
  occurrences: readonly Occurrence[],
): readonly ViewProperty[] {
  const property = (
    id: string,
    violation: (encoding: Encoding, obligation: Obligation, shown: Shown) => Term | Unstated,
  ): Property => ({
    id,
    appliesTo: () => true,
    violation: (encoding, obligation) => {
      const shown = shownRows(encoding, view, obligation.role, reading, occurrences)
      return shown.kind === 'unstated' ? shown : violation(encoding, obligation, shown)
    },
  })
  const ofRows = reading.occurrences.flatMap((id) => {
    const entry = occurrences.find((each) => each.id === id)
    const relation = entry && findRelation(catalog, entry.schema ?? '', entry.name)
    const table = relation && tables.get(objectName(relation))
    if (table === undefined || table.scope === null || table.scope === 'global') return []
    const isForeign = property(
      `tenant-read ${entry?.alias ?? ''}`,
      (encoding, obligation, { holds, rows }) => {
        const row = rows.get(id)
        const own = row && isOwnRow(encoding, obligation, row)
        return own === undefined ? unstated(ownerUnknown) : and(holds, not(own))
      },
    )
    return [{ property: isForeign, shown: table }]
  })
  const withoutContext = property('no-context', (encoding, obligation, { holds, rows }) => {
    // Constants, such as what an aggregate is of no rows, are nobody's.
    if (rows.size === 0) return falsity
    const absent = isAbsent(encoding, obligation)
    if (absent === undefined) return unstated(ownerUnknown)
    noteKeysAreNotEmpty(encoding)
    return and(absent, holds)
  })
  return [...ofRows, { property: withoutContext }]
}

/** The example, told of the row of one table that the view shows. */
function exampleOf(
  { counterexample }: Decided,
  view: Relation,
  { id }: Property,
): Pick<Decided, 'counterexample'> {
  if (counterexample === undefined) return {}
  const alias = id.replace('tenant-read ', '')
  const at = counterexample.rows.findIndex(
    ({ relation, label }) => relation === counterexample.relation && label === alias,
  )
  const rows = counterexample.rows.map((row, index) => ({
    ...row,
    label: index === at ? 'row' : row.label,
  }))
  return at < 0 ? {} : { counterexample: { ...counterexample, rows, view: objectName(view) } }
}

/** The rows that one result of the view is made of. */
interface Shown {
  readonly kind: 'shown'
  readonly holds: Term
  /** By occurrence in the query. */
  readonly rows: ReadonlyMap<number, Row>
}

function shownRows(
  encoding: Encoding,
  view: Relation,
  caller: string,
  { selects, occurrences: shown }: Reading,
  occurrences: readonly Occurrence[],
): Shown | Unstated {
  const frame = ownerFrame(view, caller, occurrences)
  const matches = selects.map((select) =>
    encoding.encoders.matchRow(select, encoding, frame, encoding.encoders.encode),
  )
  const held = matches.flatMap((match) => (match === undefined ? [] : [match.holds]))
  if (held.length < selects.length) return unstated('its query is not modelled')
  const rows = new Map<number, Row>()
  for (const id of shown) {
    const source = frame.sources.get(id)
    if (source?.kind !== 'row') return unstated('it reads what is no table')
    const { row } = source
    const name = objectName(row.relation)
    const table = encoding.subject.tables.get(name)
    if (table?.scope === 'global') continue
    const isPlain = row.relation.kind === 'table' || row.relation.kind === 'partitioned-table'
    if (table === undefined || table.scope === null || !isPlain) {
      return unstated(`${name}, which it reads, is not classified`)
    }
    if (table.scope === 'org' || table.public !== null) {
      return unstated(`${name}, which it reads, has org units or public rows`)
    }
    rows.set(id, row)
  }
  return { kind: 'shown', holds: and(...held), rows }
}
