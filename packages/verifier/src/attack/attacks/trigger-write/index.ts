import type { FunctionInfo, Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { tokenize } from '../../../expr/tokens.js'
import { mentionedRelations, wordsOf } from '../../../graph/mentioned-relations.js'
import { objectName } from '../../../graph/object-name.js'
import { isCallSafe } from '../../../graph/side-effects.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe, ObjectSubject } from '../../object-attack.js'
import type { PreparedRows } from '../../prepare-rows.js'
import { countRows, missingRows } from '../../samples.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'
import { crossingRows } from './crossing-rows.js'

/** Writes own rows that name rows of another tenant, and looks at what triggers and rules did. */
export const triggerWrite: ObjectAttack = {
  id: 'trigger-write',
  title: 'Writes an own row whose triggers or rules then change rows of another tenant.',
  subjects: (input, targets) =>
    input.tables.tables.flatMap(({ relation, name }) => {
      const functions = lastingFunctions(input, relation)
      if (functions === null) return []
      const words = new Set(relation.rules.flatMap(({ definition }) => wordsOf(definition)))
      const mentioned = new Set(
        functions.flatMap((fn) => [...mentionedRelations(input.catalog, fn)]),
      )
      return [...targets.values()].flatMap((victim): ObjectSubject[] => {
        const { table, boundary } = victim
        // The definition of a rule always names the rule's own table.
        const byRule = table.name !== name && words.has(table.relation.name.toLowerCase())
        // A body that puts SQL together writes its own table by tg_table_name.
        const byText = table.name === name && functions.some(putsSqlTogether)
        const isNamed = mentioned.has(table.name) || byRule || byText
        if (!isNamed || boundary !== 'tenant') return []
        return commandsThatFire(relation).map((command) => ({
          object: name,
          related: [table.name, ...functions.map((fn) => objectName(fn))],
          command,
          isFor: (role) => input.access.can(role, command, relation),
          run: (probe) => attack(probe, relation, victim, command),
        }))
      })
    }),
}

function putsSqlTogether({ securityDefiner, body }: FunctionInfo): boolean {
  return (
    securityDefiner &&
    tokenize(body).some(({ kind, text }) => kind === 'name' && text === 'execute')
  )
}

type Write = 'INSERT' | 'UPDATE' | 'DELETE'

/** Commands that fire some trigger or rule of the relation. */
function commandsThatFire({ triggers, rules }: Relation): readonly Write[] {
  const events = triggers
    .filter(({ enabled }) => enabled === 'origin' || enabled === 'always')
    .map(({ definition }) => definition.split(' ON ', 1)[0] ?? '')
  return (['INSERT', 'UPDATE', 'DELETE'] as const).filter(
    (command) =>
      events.some((text) => new RegExp(`\\b${command}\\b`).test(text)) ||
      rules.some(({ event }) => event === command),
  )
}

/** Functions of the relation's triggers; null when one reaches outside the transaction. */
function lastingFunctions(input: LintInput, relation: Relation): readonly FunctionInfo[] | null {
  const named = new Set(
    relation.triggers
      .filter(({ enabled }) => enabled === 'origin' || enabled === 'always')
      .map((trigger) => objectName(trigger.function)),
  )
  const functions = input.catalog.functions.filter(
    (fn) => named.has(objectName(fn)) && fn.returns === 'trigger' && fn.schema !== 'watertight',
  )
  return functions.every((fn) => isCallSafe(input.catalog, fn)) ? functions : null
}

async function attack(
  probe: ObjectProbe,
  relation: Relation,
  victim: Target,
  command: Write,
): Promise<Outcome> {
  if (command !== 'INSERT' && !probe.isSuperuser) {
    return inconclusive('no row can be stored without firing triggers')
  }
  const rows = await probe.rows(victim)
  if (typeof rows === 'string') return inconclusive(rows)
  const keyColumn = probe.targets.get(objectName(relation))?.keyColumn ?? null
  const fixed: Values = keyColumn === null ? {} : { [keyColumn]: probe.pair.own.tenant }
  const own = await probe.session.attempt(() => insertRow(probe.synthesis('own'), relation, fixed))
  if (typeof own === 'string') return inconclusive(own)
  const allowed =
    command === 'DELETE'
      ? relation.columns.map(({ name }) => name)
      : probe.input.access.columns(probe.role, command, relation)
  let ran = false
  let refused = 'no column can name a row of another tenant'
  for (const row of await crossingRows(probe, relation, own, victim, rows)) {
    const columns = relation.columns
      .filter(({ name, generated }) => generated === null && allowed.includes(name) && name in row)
      .map(({ name }) => name)
    const statement = writeOf(relation, command, columns)
    const values = columns.map((name) => row[name] ?? null)
    const step = await probe.session.attempt(async () => {
      if (command === 'INSERT') return fire(probe, statement, values, victim, rows)
      const place = await storeQuietly(probe, relation, command === 'UPDATE' ? own : row)
      if (typeof place === 'string') return place
      return fire(
        probe,
        statement,
        command === 'UPDATE' ? [...values, ...place] : place,
        victim,
        rows,
      )
    })
    if (step === 'changed') {
      return {
        kind: 'leak',
        statement,
        what: `it changed rows of another tenant in ${victim.table.name}`,
      }
    }
    if (step === 'kept') ran = true
    else refused = `${command} of its own row fails with ${step}`
  }
  return ran ? held : inconclusive(refused)
}

/** The statement that fires; an UPDATE and a DELETE name the row by its place, the last parameters. */
function writeOf(relation: Relation, command: Write, columns: readonly string[]): Sql {
  if (command === 'INSERT') return insertInto(relation, columns)
  const name = qualifiedName(relation.schema, relation.name)
  const at = (first: number): Sql =>
    sql`tableoid = $${integer(first)}::oid and ctid = $${integer(first + 1)}::tid`
  if (command === 'DELETE') return sql`delete from ${name} where ${at(1)}`
  const list = joinSql(columns.map((each, index) => sql`${ident(each)} = $${integer(index + 1)}`))
  return sql`update ${name} set ${list} where ${at(columns.length + 1)}`
}

/** Stores a row past triggers: where it lies, or the SQLSTATE of the refusal. */
async function storeQuietly(
  { session }: ObjectProbe,
  relation: Relation,
  row: Values,
): Promise<readonly string[] | string> {
  const columns = relation.columns
    .filter(({ name, generated }) => generated === null && name in row)
    .map(({ name }) => name)
  await session.admin(sql`set local session_replication_role = replica`)
  const stored = await session.admin(
    sql`${insertInto(relation, columns)} returning tableoid::text as t, ctid::text as c`,
    columns.map((name) => row[name] ?? null),
  )
  if (!stored.ok) return stored.sqlState
  await session.admin(sql`set local session_replication_role = origin`)
  const { t, c } = stored.rows[0] as { t: string; c: string }
  return [t, c]
}

function insertInto(relation: Relation, columns: readonly string[]): Sql {
  const overriding = relation.columns.some(
    ({ identity, name }) => identity === 'always' && columns.includes(name),
  )
    ? sql` overriding system value`
    : sql``
  const list = joinSql(columns.map((name) => ident(name)))
  const places = joinSql(columns.map((_, index) => sql`$${integer(index + 1)}`))
  return sql`insert into ${qualifiedName(relation.schema, relation.name)} (${list})${overriding} values (${places})`
}

/** What became of the victim's rows, or the SQLSTATE of the refusal. */
async function fire(
  probe: ObjectProbe,
  statement: Sql,
  values: readonly unknown[],
  victim: Target,
  rows: PreparedRows,
): Promise<string> {
  const key = probe.pair.foreign.tenant
  const before = await countRows(probe.session, victim, key)
  const step = await probe.session.as(probe.role, probe.context, statement, values)
  if (!step.ok) return step.sqlState
  // Deferred triggers run at COMMIT, which no probe comes to.
  const late = await probe.session.as(probe.role, probe.context, sql`set constraints all immediate`)
  if (!late.ok) return late.sqlState
  const missing = await missingRows(probe.session, victim, rows.foreign)
  const after = await countRows(probe.session, victim, key)
  return missing > 0 || after !== before ? 'changed' : 'kept'
}
