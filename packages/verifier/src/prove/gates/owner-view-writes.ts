import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { ClassifiedTable } from '../../graph/classify.js'
import { exposedTables } from '../../graph/exposed-tables.js'
import { objectName } from '../../graph/object-name.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import { isAbsent, noteKeysAreNotEmpty } from '../context/absent-context.js'
import { ownerUnknown } from '../context/foreign-row.js'
import { isOwnRow } from '../context/own-row.js'
import { decide } from '../decide.js'
import type { Decided } from '../decide.js'
import { encodeBoolean } from '../encode/boolean.js'
import type { Encoding, Subject } from '../encode/encoding.js'
import { makeRow } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue } from '../encode/value.js'
import { unstated } from '../obligation.js'
import type { Obligation, Property } from '../obligation.js'
import type { ProofResult } from '../proof-result.js'
import { unchanged } from '../reached-rows.js'
import type { ReachedRow } from '../reached-rows.js'
import type { Solver } from '../solver.js'
import { and, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { settingDefault, sideDoor } from './catalog-facts.js'
import { foreignKeyDoor } from './foreign-keys.js'
import { ownerFrame, ownerViewCells } from './owner-rights.js'
import { obstacleOf } from './owner-views.js'
import { viewWrites } from './updatable-view.js'
import type { ViewWrites } from './updatable-view.js'

type PassedOn = Extract<ViewWrites, { kind: 'passed-on' }>

const writing: readonly Command[] = ['INSERT', 'UPDATE', 'DELETE']

/**
 * What is written through views with the rights of their owner: proven where their own condition lets
 * through rows of the context alone, and WITH CHECK OPTION lets no other be stored.
 */
export async function ownerViewWrites(
  subject: Subject,
  roles: readonly RuntimeRoleName[],
  solver: Solver,
): Promise<readonly ProofResult[]> {
  const results: ProofResult[] = []
  for (const { view, role, command } of ownerViewCells(subject, roles, writing)) {
    if (exposedTables(view, subject.catalog, subject.access, subject.tables).length === 0) continue
    const decided = await proveWrite(subject, view, role, command, solver)
    results.push({ object: objectName(view), role, command, ...decided })
  }
  return results
}

async function proveWrite(
  subject: Subject,
  view: Relation,
  role: string,
  command: Command,
  solver: Solver,
): Promise<Decided> {
  const unknown = (reason: string): Decided => ({ verdict: 'unknown', reason, assumptions: [] })
  const proven = (reason: string): Decided => ({ verdict: 'proven', reason, assumptions: [] })
  const owned = `${objectName(view)} writes with the rights of ${view.owner}`
  const writes = viewWrites(subject.catalog, view)
  const name = objectName(view)
  if (writes.kind === 'refused' && !subject.access.canOwn(role, view)) {
    return proven(`no command writes through ${name}: PostgreSQL refuses it`)
  }
  const hint = 'revoke the privilege, or set (security_invoker = true)'
  if (writes.kind !== 'passed-on') {
    return unknown(
      `${owned}, and ${writes.kind === 'open' ? writes.reason : 'it can be changed'}; ${hint}`,
    )
  }
  const table = subject.tables.get(objectName(writes.base))
  const obligation: Obligation | undefined = table && { table, role, actor: role, command }
  const open =
    settingDefault(subject, role) ??
    obstacleOf(subject, view, role) ??
    (obligation && sideDoor(subject, obligation)) ??
    (obligation && foreignKeyDoor(subject, obligation.table, obligation.command)) ??
    unclear(table, writes.base) ??
    upsertDoor(subject, view, role, command, writes)
  if (open !== undefined) return unknown(`${owned}, and ${open}; ${hint}`)
  if (obligation === undefined) return unknown(`${owned}; ${hint}`)
  const assumptions = new Set<string>()
  for (const property of propertiesOf(view, writes)) {
    const decided = await decide(subject, property, obligation, solver)
    if (decided.verdict !== 'proven') {
      const what = writes.isChecked ? 'its condition' : 'its condition without WITH CHECK OPTION'
      return unknown(`${owned}, and of ${what} ${decided.reason}; ${hint}`)
    }
    for (const assumption of decided.assumptions) assumptions.add(assumption)
  }
  const reason = `it writes with the rights of ${view.owner}, and its own condition lets through rows of the context alone`
  return { verdict: 'proven', reason, assumptions: [...assumptions].toSorted() }
}

function unclear(table: ClassifiedTable | undefined, base: Relation): string | undefined {
  const name = objectName(base)
  if (table === undefined || table.scope === null) return `${name} is not classified`
  if (table.scope === 'global') return `${name} holds what every tenant reads`
  if (table.scope === 'org' || table.public !== null) return `${name} has org units or public rows`
  return undefined
}

/** ON CONFLICT DO UPDATE reaches rows that the view hides (manual, CREATE VIEW, updatable views). */
function upsertDoor(
  { access }: Subject,
  view: Relation,
  role: string,
  command: Command,
  { base }: PassedOn,
): string | undefined {
  const hasKey = base.indexes.some(({ isUnique }) => isUnique)
  if (command !== 'INSERT' || !hasKey || !access.can(role, 'UPDATE', view)) return undefined
  return `ON CONFLICT DO UPDATE changes rows of ${objectName(base)} that its condition hides`
}

/** Each row that is reached or stored is the context's own, and without a context there is none. */
function propertiesOf(view: Relation, writes: PassedOn): readonly Property[] {
  const property = (
    id: string,
    isWrong: (encoding: Encoding, obligation: Obligation, row: Row) => Term | undefined,
  ): Property => ({
    id,
    appliesTo: () => true,
    violation: (encoding, obligation) => {
      const parts: Term[] = []
      for (const { row, reached } of rowsThrough(encoding, view, writes, obligation)) {
        const wrong = isWrong(encoding, obligation, row)
        if (wrong === undefined) return unstated(ownerUnknown)
        parts.push(and(reached, wrong))
      }
      noteKeysAreNotEmpty(encoding)
      return or(...parts)
    },
  })
  return [
    property('tenant-write', (encoding, obligation, row) => {
      const own = isOwnRow(encoding, obligation, row)
      return own && not(own)
    }),
    property('no-context', isAbsent),
  ]
}

/** As {@link reachedRows} says of a table; policies that bind the owner are left out. */
function rowsThrough(
  encoding: Encoding,
  view: Relation,
  writes: PassedOn,
  { role, command }: Obligation,
): readonly ReachedRow[] {
  const { base, isChecked } = writes
  const meets = (row: Row): Term => conditionOn(encoding, view, writes, row, role)
  const stores = (row: Row): Term => (isChecked ? meets(row) : truth)
  if (command === 'INSERT') {
    const row = makeRow(encoding, base, 'new row', { stored: false })
    return [{ row, reached: stores(row) }]
  }
  const row = makeRow(encoding, base, command === 'UPDATE' ? 'old row' : 'row')
  const reached = meets(row)
  if (command === 'DELETE') return [{ row, reached }]
  const next = makeRow(encoding, base, 'new row', { stored: false })
  const names = encoding.subject.access.columns(role, 'UPDATE', view)
  const assignable = new Set(names.flatMap((name) => writes.columns.get(name) ?? []))
  const kept = unchanged(encoding, base, assignable, row, next)
  return [
    { row, reached },
    { row: next, reached: and(reached, stores(next), kept) },
  ]
}

function conditionOn(
  encoding: Encoding,
  view: Relation,
  { where, occurrence, occurrences }: PassedOn,
  row: Row,
  caller: string,
): Term {
  if (where === null) return truth
  const source = { kind: 'row', row, columns: occurrence.columns } as const
  const frame = ownerFrame(view, caller, occurrences, new Map([[occurrence.id, source]]))
  return isTrue(encodeBoolean(where, encoding, frame))
}
