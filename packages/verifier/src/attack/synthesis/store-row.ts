import type { CatalogSnapshot, Column, Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import { tokenize } from '../../expr/tokens.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import type { StepResult } from '../session.js'
import { adoptRow } from './adopt-row.js'
import type { Wanted } from './adopt-row.js'
import { candidatesFor } from './candidates.js'
import type { Synthesis } from './synthesis.js'
import { partitionKeys } from './partition-keys.js'
import { repairs } from './repairs.js'
import type { FailedCheck } from './repairs.js'
import { valueFor } from './value-for.js'
import type { Values } from './values.js'

/** The stored row, or why it could not be stored. */
export type Stored =
  | { readonly kind: 'stored'; readonly row: Values }
  | {
      readonly kind: 'refused'
      readonly reason: string
      /** A unique or exclusion constraint was in the way to the end. */
      readonly isConflict: boolean
      /** The foreign key of another table that a row which a trigger stores does not meet. */
      readonly unmetBeside?: string
    }

type Failure = Extract<StepResult, { ok: false }>

const mostTries = 400

/**
 * Inserts, and on a refusal tries other values for the columns that the constraint is about. A
 * constraint that was met stays met: values that break it again are passed over.
 */
export async function storeRow(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
  wanted: Wanted,
): Promise<Stored> {
  const { fixed } = wanted
  let current = values
  let failure: Failure | null = null
  let options: Iterator<Values> = [][Symbol.iterator]()
  const met = new Set<string>()
  for (let tries = 0; tries < mostTries; tries += 1) {
    const step = await tryInsert(synthesis, relation, current)
    if (step.ok) return { kind: 'stored', row: (step.rows[0] as Values | undefined) ?? {} }
    if (failure === null || isLater(relation, step, failure, met)) {
      if (failure !== null) met.add(nameOf(failure))
      failure = step
      options = await optionsFor(synthesis, relation, step, current, fixed)
    }
    const next = options.next()
    if (next.done === true) break
    current = next.value
  }
  if (failure === null) {
    return { kind: 'refused', reason: 'nothing was tried', isConflict: false }
  }
  if (asksWho(synthesis, relation, failure))
    return underContext(synthesis, relation, values, wanted)
  const unbound = await pastTriggers(synthesis, relation, values, failure)
  if (unbound !== null) return { kind: 'stored', row: unbound }
  const { sqlState, constraint } = failure
  const isTaken = sqlState === '23505'
  const adopted = isTaken ? await adoptRow(synthesis, relation, constraint, wanted) : null
  if (adopted !== null) return { kind: 'stored', row: adopted }
  return {
    kind: 'refused',
    reason:
      sqlState === '23514' && constraint !== null
        ? `no value found that meets ${constraint} of ${objectName(relation)}`
        : `a row of ${objectName(relation)} cannot be made (${sqlState}${constraint === null ? '' : `, ${constraint}`})`,
    isConflict: isTaken || sqlState === '23P01',
    ...(sqlState === '23503' &&
      constraint !== null &&
      !relation.constraints.some(({ name }) => name === constraint) && {
        unmetBeside: constraint,
      }),
  }
}

function nameOf({ sqlState, constraint }: Failure): string {
  return `${sqlState} ${constraint ?? ''}`
}

/**
 * The values are good so far, and something else refuses them now. PostgreSQL looks at types and
 * domains first, then at NOT NULL, then at the table's checks by name, then at keys.
 */
function isLater(
  relation: Relation,
  step: Failure,
  before: Failure,
  met: ReadonlySet<string>,
): boolean {
  const [now, then] = [rank(relation, step), rank(relation, before)]
  if (now !== then) return now > then
  if (now === ranks.value) return false
  if (now === ranks.check) return (step.constraint ?? '') > (before.constraint ?? '')
  return nameOf(step) !== nameOf(before) && !met.has(nameOf(step))
}

const ranks = { value: 0, domain: 1, trigger: 2, empty: 3, check: 4, key: 5, parent: 6 } as const

function rank(relation: Relation, { sqlState, constraint }: Failure): number {
  if (sqlState.startsWith('22')) return ranks.value
  if (sqlState === '23502') return ranks.empty
  if (sqlState === '23505' || sqlState === '23P01') return ranks.key
  if (sqlState === '23503') return ranks.parent
  if (sqlState !== '23514') return ranks.trigger
  // A row without a partition has no constraint to name, and is routed before it is checked.
  if (constraint === null) return ranks.trigger
  return relation.constraints.some(({ name }) => name === constraint) ? ranks.check : ranks.domain
}

async function optionsFor(
  synthesis: Synthesis,
  relation: Relation,
  { sqlState, constraint }: Failure,
  current: Values,
  fixed: Values,
): Promise<Iterator<Values>> {
  const { catalog } = synthesis
  const open = relation.columns.filter(
    ({ name, generated }) => !(name in fixed) && generated === null,
  )
  if (sqlState === '23514' && constraint === null) {
    const keys = partitionKeys(catalog, relation, fixed).map((each) => ({ ...current, ...each }))
    return keys[Symbol.iterator]()
  }
  if (sqlState === '23514' && constraint !== null) {
    const check = await checkOf(synthesis, relation, constraint)
    return check === null
      ? [][Symbol.iterator]()
      : repairs(catalog, relation, check, current, fixed, synthesis.serial())
  }
  if (sqlState === '23505' || sqlState === '23P01') {
    return others(synthesis, keyed(relation, constraint, open), current)
  }
  if (sqlState === '23502') {
    const missing = open.filter(({ name }) => (current[name] ?? null) === null)
    return others(synthesis, missing, current)
  }
  if (sqlState === raisedByTrigger) return labelled(catalog, relation, open, current)
  if (sqlState === '22001' || sqlState === '22003') {
    const short = open.flatMap(({ name, baseType }) => {
      if (/^(numeric|smallint|integer|bigint)/.test(baseType)) {
        return ['1', '0'].map((value) => ({ ...current, [name]: value }))
      }
      return /^(text|character|bpchar)/.test(baseType) ? [{ ...current, [name]: 'w' }] : []
    })
    return short[Symbol.iterator]()
  }
  return [][Symbol.iterator]()
}

/** `RAISE EXCEPTION` without a state of its own (manual, appendix A). */
const raisedByTrigger = 'P0001'

/** A trigger keeps back one word of a short list, such as a second owner: the others may do. */
function* labelled(
  catalog: CatalogSnapshot,
  relation: Relation,
  open: readonly Column[],
  current: Values,
): Generator<Values, undefined> {
  for (const column of open) {
    const { name } = column
    for (const value of [...labelsOf(catalog, column), ...wordsOf(relation, name)].slice(0, 12)) {
      if (value !== current[name]) yield { ...current, [name]: value }
    }
  }
}

function labelsOf(catalog: CatalogSnapshot, { baseType }: Column): readonly string[] {
  const bare = baseType.replace(/^.*\./, '').replaceAll('"', '')
  return catalog.enums.find(({ name }) => name === bare)?.labels ?? []
}

/** Words that the table's own checks list for a column. */
function wordsOf({ constraints }: Relation, column: string): readonly string[] {
  return constraints.flatMap(({ kind, columns, definition }) =>
    kind === 'check' && columns.length === 1 && columns[0] === column
      ? tokenize(definition)
          .filter((token) => token.kind === 'string')
          .map(({ text }) => text)
      : [],
  )
}

/** The columns of a unique or exclusion constraint, or those that its expressions name. */
function keyed(
  relation: Relation,
  name: string | null,
  open: readonly Column[],
): readonly Column[] {
  const text =
    relation.indexes.find((index) => index.name === name)?.definition ??
    relation.constraints.find((constraint) => constraint.name === name)?.definition
  // The index of a partition has a name of its own.
  if (text === undefined) return open
  const words = new Set(tokenize(text).map((token) => token.text))
  return open.filter((column) => words.has(column.name))
}

/** Other values, one column at a time and then all of them together. */
function* others(
  synthesis: Synthesis,
  columns: readonly Column[],
  current: Values,
): Generator<Values, undefined> {
  const { catalog } = synthesis
  const wanted = { strings: [], numbers: [], patterns: [] }
  const lists = columns.map((column) => {
    const labels = labelsOf(catalog, column)
    const usual = valueFor(catalog, column, synthesis.serial())
    const found =
      labels.length > 0
        ? labels
        : [...(usual === null ? [] : [usual]), ...candidatesFor(column, wanted, synthesis.serial())]
    return { name: column.name, found: found.slice(0, 12) }
  })
  for (const { name, found } of lists) {
    for (const value of found) yield { ...current, [name]: value }
  }
  for (const [index, first] of lists.entries()) {
    for (const second of lists.slice(index + 1)) {
      for (const a of first.found.slice(0, 6)) {
        for (const b of second.found.slice(0, 6)) {
          yield { ...current, [first.name]: a, [second.name]: b }
        }
      }
    }
  }
  for (let time = 0; time < 3; time += 1) {
    const all = columns.map((column) => [
      column.name,
      valueFor(catalog, column, synthesis.serial()) ?? current[column.name] ?? null,
    ])
    yield { ...current, ...Object.fromEntries(all) }
  }
}

/** A setting that is not there, or holds no value of the kind that is asked for. */
const unsetSettings: ReadonlySet<string> = new Set(['42704', '22P02'])

/** A trigger may need to know whose session it is, such as one that writes down who did what. */
function asksWho(
  { settings = [] }: Synthesis,
  { triggers }: Relation,
  { sqlState }: Failure,
): boolean {
  const hasTrigger = triggers.some(({ enabled }) => enabled !== 'disabled')
  return hasTrigger && settings.length > 0 && unsetSettings.has(sqlState)
}

/** Stores the row as the application would, and leaves behind what a pooled connection is left with. */
async function underContext(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
  wanted: Wanted,
): Promise<Stored> {
  const { session, settings = [] } = synthesis
  const set = (name: string, value: string): Promise<StepResult> =>
    session.admin(sql`select pg_catalog.set_config($1, $2, true)`, [name, value])
  for (const [name, value] of settings) await set(name, value)
  const stored = await storeRow({ ...synthesis, settings: [] }, relation, values, wanted)
  for (const [name] of settings) await set(name, '')
  return stored
}

/**
 * A trigger refuses the row. Past it only where asked, or where the table is none of those under
 * test, such as the platform's users: it may be what keeps tenants apart. Foreign keys are met
 * already.
 */
async function pastTriggers(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
  { sqlState, constraint }: Failure,
): Promise<Values | null> {
  const hasTrigger = relation.triggers.some(({ enabled }) => enabled !== 'disabled')
  if (!hasTrigger) return null
  const isTyped = sqlState.startsWith('23') || sqlState.startsWith('22')
  const isAsked = synthesis.pastTriggers === true && !isTyped
  // A constraint of its own is no trigger's doing, and the next INSERT meets it just the same.
  const isOwn = relation.constraints.some(({ name }) => name === constraint)
  const isBeside = !synthesis.targets.has(objectName(relation)) && !isOwn
  if (!isAsked && !isBeside) return null
  const { session } = synthesis
  const off = await session.keep(() =>
    session.admin(sql`set local session_replication_role = replica`),
  )
  if (!off.ok) return null
  const step = await tryInsert(synthesis, relation, values)
  await session.admin(sql`set local session_replication_role = origin`)
  return step.ok ? ((step.rows[0] as Values | undefined) ?? {}) : null
}

/** Checks of domains by name: rows of a table are made many times in a run. */
const domainChecks = oncePer<CatalogSnapshot, Map<string, readonly FailedCheck[]>>(() => new Map())

/** The CHECK of the table, or of a domain that one of its columns has. */
async function checkOf(
  synthesis: Synthesis,
  relation: Relation,
  name: string,
): Promise<FailedCheck | null> {
  const own = relation.constraints.find((constraint) => constraint.name === name)
  if (own !== undefined) return { definition: own.definition, domain: null }
  const known = domainChecks(synthesis.catalog)
  const rows = known.get(name) ?? (await readChecks(synthesis, name))
  known.set(name, rows)
  const used = rows.find(({ domain }) =>
    relation.columns.some(({ type }) => type === domain || type === `${domain ?? ''}[]`),
  )
  return used ?? rows[0] ?? null
}

async function readChecks(synthesis: Synthesis, name: string): Promise<readonly FailedCheck[]> {
  const read = await synthesis.session.admin(
    sql`with recursive outer_of as (
        select t.oid, c.oid as con from pg_catalog.pg_constraint c join pg_catalog.pg_type t on t.oid = c.contypid where c.conname = $1
        union all
        select t.oid, o.con from outer_of o join pg_catalog.pg_type t on t.typbasetype = o.oid where t.typtype = 'd')
      select pg_catalog.pg_get_constraintdef(o.con) as definition, pg_catalog.format_type(o.oid, null) as shown,
          quote_ident(n.nspname) || '.' || quote_ident(t.typname) as domain
        from outer_of o join pg_catalog.pg_type t on t.oid = o.oid join pg_catalog.pg_namespace n on n.oid = t.typnamespace`,
    [name],
  )
  return read.ok ? (read.rows as unknown as FailedCheck[]) : []
}

/** A failed insert is undone alone; a stored row stays until the probe's own end. */
async function tryInsert(
  synthesis: Synthesis,
  relation: Relation,
  values: Values,
): Promise<StepResult> {
  const names = Object.keys(values)
  const list = joinSql(names.map((name) => ident(name)))
  const places = joinSql(names.map((_, index) => sql`$${integer(index + 1)}`))
  const back = joinSql(
    relation.columns.map(({ name }) => sql`${ident(name)}::text as ${ident(name)}`),
  )
  const name = qualifiedName(relation.schema, relation.name)
  const statement =
    names.length === 0
      ? sql`insert into ${name} default values returning ${back}`
      : sql`insert into ${name} (${list}) overriding system value values (${places}) returning ${back}`
  return synthesis.session.keep(() => synthesis.session.admin(statement, Object.values(values)))
}
