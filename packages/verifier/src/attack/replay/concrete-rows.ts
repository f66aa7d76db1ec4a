import type { Column, Relation } from 'watertight/catalog'
import { objectName } from '../../graph/object-name.js'
import { relationNamed } from '../../graph/relation-named.js'
import type { LintInput } from '../../lint/rule.js'
import type { Counterexample } from '../../prove/proof-result.js'
import { policyReach } from '../policy-text/policy-reach.js'
import type { Pair } from '../principals.js'
import type { ContextSettings } from '../session.js'
import { valueFor } from '../synthesis/value-for.js'
import type { Values } from '../synthesis/values.js'
import type { Target } from '../target.js'

/** A row of a counterexample with values that the server takes. */
export interface ConcreteRow {
  readonly relation: Relation
  readonly label: string
  readonly values: Values
}

/** What is chosen where a counterexample leaves the choice. */
export interface Variation {
  /** Instants lie before or after now: the solver knows them by order alone. */
  readonly time: 'future' | 'past'
  /**
   * A value under a column of unknown meaning is the attacker's or victim's key that has the same
   * name in the counterexample, or nobody's: the solver gives unrelated values one name.
   */
  readonly unknownKeys: 'linked' | 'fresh'
  /** Label of the row that is the victim's. */
  readonly victim: string
}

/** A counterexample on this server: rows to make and settings to run under. */
export interface ConcreteExample {
  readonly rows: readonly ConcreteRow[]
  /** Settings of the counterexample; a name that was never set is left out. */
  readonly settings: ContextSettings
}

/** What stands for "some other value" in a counterexample, where no text of the policies does. */
const filler = /^(v[0-9a-f]{0,12}|00000000-0000-4000-8000-[0-9a-f]{12})$/

/** Gives the solver's names for values real values, equal ones equal values. */
export function concreteExample(
  input: LintInput,
  example: Counterexample,
  target: Target,
  pair: Pair,
  variation: Variation,
): ConcreteExample {
  const { relation } = target.table
  const reach = policyReach(input, relation, example.role, example.command)
  const literals = new Set(
    reach.all.flat().flatMap(({ kind, text }) => (kind === 'name' ? [] : [text])),
  )
  const isFree = (value: string): boolean =>
    !literals.has(value) && (filler.test(value) || /^-?\d+$/.test(value))
  const known = new Map<string, string>()
  const assign = (
    meaning: 'tenant' | 'user',
    family: string,
    value: string | null | undefined,
    real: string | null,
  ): void => {
    if (typeof value !== 'string' || real === null || !isFree(value)) return
    const key = [meaning, family, value].join(' ')
    if (!known.has(key)) known.set(key, real)
  }

  const subject = example.rows.find(
    ({ relation: name, label }) => name === example.relation && label === variation.victim,
  )
  const victim = target.boundary === 'user' ? pair.foreign.user : pair.foreign.tenant
  const holder = subject && keyHolder(input, example, target, subject.label)
  if (holder !== undefined) {
    const meaning = target.boundary === 'user' ? 'user' : 'tenant'
    assign(meaning, familyOf(holder.relation, holder.column), holder.value, victim)
  }
  const { context } = input.model
  if (context.kind === 'guc') {
    assign('tenant', 'text', example.settings[context.tenant.toLowerCase()], pair.own.tenant)
    if (context.user !== null) {
      assign('user', 'text', example.settings[context.user.toLowerCase()], pair.own.user)
    }
  }
  if (context.kind === 'membership' && context.user.claim === null) {
    assign('user', 'text', example.settings[context.user.guc.toLowerCase()], pair.own.user)
  }
  for (const row of example.rows) {
    if (pair.memberships === null || row.relation !== objectName(pair.memberships.relation))
      continue
    const { relation: members, user, tenant } = pair.memberships
    assign('user', familyOf(members, user), row.values[user], pair.own.user)
    assign('tenant', familyOf(members, tenant), row.values[tenant], pair.own.tenant)
  }
  for (const row of example.rows) {
    const table = input.tables.get(row.relation)
    if (table?.tenantColumn == null) continue
    const family = familyOf(table.relation, table.tenantColumn)
    assign('tenant', family, row.values[table.tenantColumn], pair.own.tenant)
  }

  const rows = example.rows.flatMap(({ relation: name, label, values }) => {
    const found = relationNamed(input.catalog, name)
    if (found === undefined) return []
    const real = Object.entries(values).flatMap(([column, value]) => {
      const concrete = concreteValue(input, found, column, value, {
        known,
        isFree,
        pair,
        variation,
      })
      return concrete === undefined ? [] : [[column, concrete] as const]
    })
    // Where nobody's own rows are spoken of, whose the row is was left open: anybody's, so the victim's.
    const isOpen = label === subject?.label && found === holder?.relation
    if (isOpen && holder.value === undefined && victim !== null) real.push([holder.column, victim])
    return [{ relation: found, label, values: Object.fromEntries(real) }]
  })
  const settings = Object.entries(example.settings).flatMap(([name, value]) =>
    value === null ? [] : [[name, settingOf(input, name, value, known)] as const],
  )
  return { rows, settings }
}

/** The row and column that say whose the row is: its own, or those of a parent's row. */
function keyHolder(
  input: LintInput,
  example: Counterexample,
  target: Target,
  label: string,
): { relation: Relation; column: string; value: string | null | undefined } | undefined {
  let table = target.table
  let at = label
  while (table.through !== null) {
    const { parent } = table.through
    at = `${parent.name} of ${at}`
    const next = input.tables.get(objectName(parent))
    if (next === undefined || next === table) return undefined
    table = next
  }
  const column = table === target.table ? target.keyColumn : table.tenantColumn
  if (column === null) return undefined
  const row = example.rows.find(
    ({ relation, label: of }) => of === at && relation === objectName(table.relation),
  )
  return { relation: table.relation, column, value: row?.values[column] }
}

/** Values of one family that have one name are one value. */
function familyOf(relation: Relation, column: string): string {
  const type = relation.columns.find(({ name }) => name === column)?.baseType ?? 'text'
  if (type === 'uuid') return 'uuid'
  // A number may be a key here and a count there: only key columns share numbers.
  return /^(bigint|integer|smallint)$/.test(type) ? 'int' : 'text'
}

interface Choice {
  readonly known: Map<string, string>
  readonly isFree: (value: string) => boolean
  readonly pair: Pair
  readonly variation: Variation
}

/** Undefined: the column is left to row synthesis. */
function concreteValue(
  input: LintInput,
  relation: Relation,
  name: string,
  value: string | null,
  { known, isFree, pair, variation }: Choice,
): string | null | undefined {
  const column = relation.columns.find((candidate) => candidate.name === name)
  if (column === undefined || column.generated !== null) return undefined
  if (value === null) return column.notNull ? undefined : null
  const type = column.baseType
  if (/^(date|timestamp|time)/.test(type)) {
    const day = 86_400_000 * (variation.time === 'future' ? 30 : -30)
    return new Date(Date.now() + day).toISOString()
  }
  if (type === 'boolean') return value
  if (type.startsWith('json') || type.endsWith('[]') || type.endsWith('range')) return undefined
  const family = familyOf(relation, name)
  if (family === 'int' && !isKey(input, relation, name)) return value
  if (!isFree(value)) return value
  const meaning = meaningOf(input, relation, name, pair)
  const meanings = [meaning, ...(variation.unknownKeys === 'linked' ? ['user', 'tenant'] : [])]
  for (const each of meaning === 'other' ? meanings : [meaning]) {
    const before = known.get([each, family, value].join(' '))
    if (before !== undefined) return before
  }
  const isLinked = variation.unknownKeys === 'linked' && family === familyOfKey(input)
  const made =
    isLinked && pair.own.user !== null && meaning !== 'tenant'
      ? pair.own.user
      : freshValue(input, column)
  if (made !== null) known.set([meaning, family, value].join(' '), made)
  return made ?? undefined
}

function settingOf(
  { model }: LintInput,
  name: string,
  value: string,
  known: ReadonlyMap<string, string>,
): string {
  const { context } = model
  const isTenant = context.kind === 'guc' && context.tenant.toLowerCase() === name
  return known.get([isTenant ? 'tenant' : 'user', 'text', value].join(' ')) ?? value
}

/** What a column's values stand for. */
function meaningOf(
  { tables }: LintInput,
  relation: Relation,
  name: string,
  { memberships }: Pair,
): 'tenant' | 'user' | 'other' {
  const table = tables.get(objectName(relation))
  const isMembers = memberships !== null && memberships.relation === relation
  if (table?.tenantColumn === name || (isMembers && memberships.tenant === name)) return 'tenant'
  return table?.userColumn === name || (isMembers && memberships.user === name) ? 'user' : 'other'
}

function familyOfKey({ model }: LintInput): string {
  const { type } = model.userKey
  return type === 'uuid' ? 'uuid' : type === 'bigint' ? 'int' : 'text'
}

/** The column is part of a key, points to one, or says whose the row is. */
function isKey(input: LintInput, relation: Relation, name: string): boolean {
  const table = input.tables.get(objectName(relation))
  return (
    table?.tenantColumn === name ||
    table?.userColumn === name ||
    relation.constraints.some(
      ({ kind, columns }) =>
        (kind === 'primary-key' || kind === 'foreign-key') && columns.includes(name),
    )
  )
}

function freshValue(input: LintInput, column: Column): string | null {
  return valueFor(input.catalog, column, Math.floor(Math.random() * 100_000_000))
}
