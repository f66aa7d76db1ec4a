import { ident, integer, joinSql, sql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import type { Counterexample } from '../../prove/proof-result.js'
import { inconclusive } from '../attack.js'
import type { Attack, Outcome, Probe } from '../attack.js'
import { blindDelete } from '../attacks/blind-delete/index.js'
import { blindUpdate } from '../attacks/blind-update/index.js'
import { foreignInsert } from '../attacks/foreign-insert/index.js'
import { foreignSelect } from '../attacks/foreign-select/index.js'
import { blindWrite } from '../blind-write.js'
import { notPublic } from '../public-rows.js'
import { countRows, inSample } from '../samples.js'
import type { RowSample } from '../samples.js'
import type { ConcreteExample, ConcreteRow } from './concrete-rows.js'
import { isInvitation, isOwnRow, makeConcreteRow, placeOf, withoutEnded } from './make-rows.js'
import type { RowMaker } from './make-rows.js'
import { showsRow } from './shows-row.js'

/** The attack that reaches a foreign row by each command. */
const byCommand: Readonly<Record<Counterexample['command'], Attack>> = {
  SELECT: foreignSelect,
  INSERT: foreignInsert,
  UPDATE: blindUpdate,
  DELETE: blindDelete,
}

/** Makes the rows and runs the command; call inside an attempt. */
export async function replayOnce(
  maker: RowMaker,
  probe: Probe,
  { command, view }: Pick<Counterexample, 'command' | 'view'>,
  victim: string,
  { rows }: ConcreteExample,
): Promise<Outcome> {
  const { target } = probe
  const name = objectName(target.table.relation)
  const isSubject = ({ relation, label }: ConcreteRow): boolean =>
    objectName(relation) === name && /^(row|old row|new row)$/.test(label)
  const others = rows.filter((row) => !isSubject(row)).toSorted((a, b) => depth(b) - depth(a))
  for (const row of others) {
    const made = await makeConcreteRow(maker, row)
    if (typeof made === 'string') return inconclusive(made)
  }
  const ties = await withoutEnded(maker, rows)
  const subject = rows.find((row) => isSubject(row) && row.label === victim)
  if (subject === undefined) return inconclusive('the counterexample names no row of the table')
  const old = rows.find((row) => isSubject(row) && row.label === 'old row')
  if (command === 'UPDATE' && old !== undefined && victim === 'new row') {
    if (isInvitation(ties, subject.values, target.table, maker.pair)) {
      return inconclusive('only a row that names the attacker opens it')
    }
    return replayHop(maker, probe, old, subject)
  }
  const stored = await makeConcreteRow(maker, subject)
  if (typeof stored === 'string') return inconclusive(stored)
  const sample = await placeOf(probe.session, target, stored)
  if (sample === null) return inconclusive('the row that was made is not found again')
  if (!(await isForeign(probe, sample, command))) {
    return inconclusive('the row is not another tenant’s')
  }
  const isInvited =
    isInvitation(ties, stored, target.table, maker.pair) ||
    (command !== 'INSERT' && isOwnRow(stored, maker.pair))
  if (isInvited) {
    return inconclusive('only a row that names the attacker opens it')
  }
  if (view !== undefined) return showsRow(probe, view, sample, subject.values)
  // The values that an UPDATE writes are the row's own, so that its conditions stay met.
  const ownRows = command === 'UPDATE' ? sample : probe.ownRows
  return byCommand[command].run({ ...probe, foreignRows: sample, ownRows })
}

/** Parents first. */
function depth({ label }: ConcreteRow): number {
  return label.split(' of ').length
}

/** Changes an own row into the foreign one, column by column as the counterexample says. */
async function replayHop(
  maker: RowMaker,
  probe: Probe,
  old: ConcreteRow,
  next: ConcreteRow,
): Promise<Outcome> {
  const { session, target } = probe
  const stored = await makeConcreteRow(maker, old)
  if (typeof stored === 'string') return inconclusive(stored)
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', target.table.relation)
  const changes = Object.entries(next.values).filter(
    ([name, value]) =>
      allowed.includes(name) &&
      stored[name] !== value &&
      // The key that says whose a row is often leads the primary key: it is what a hop changes.
      (name === target.keyColumn || !isPrimary(probe, name)),
  )
  if (changes.length === 0) return inconclusive('the counterexample changes no column')
  const list = joinSql(changes.map(([name], index) => sql`${ident(name)} = $${integer(index + 1)}`))
  const statement = sql`update ${target.name} set ${list}`
  const values = changes.map(([, value]) => value)
  const before = await countRows(session, target, probe.foreign)
  let after = before
  const done = await blindWrite(probe, probe.context, statement, values, async () => {
    after = await countRows(session, target, probe.foreign)
  })
  if (!done.step.ok) return inconclusive(`moving the row fails with ${done.step.sqlState}`)
  const isLeak = after > before
  return isLeak
    ? { kind: 'leak', statement, what: 'its own rows were moved to another tenant' }
    : inconclusive('no row was moved')
}

function isPrimary(probe: Probe, name: string): boolean {
  const { constraints } = probe.target.table.relation
  return constraints.some(({ kind, columns }) => kind === 'primary-key' && columns.includes(name))
}

/** The row is there, belongs to the victim, and is not declared readable by everybody. */
async function isForeign(
  probe: Probe,
  sample: RowSample,
  command: Counterexample['command'],
): Promise<boolean> {
  const { session, target } = probe
  const hidden = command === 'SELECT' ? notPublic(target) : sql`true`
  if (hidden === null) return false
  const found = await session.admin(
    sql`select from ${target.name} r where ${inSample} and ${hidden} and ${target.key} = $3::${target.keyType}`,
    [sample.tables, sample.places, probe.foreign],
  )
  return found.ok && found.rowCount > 0
}
