import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { Access } from '../../graph/access.js'
import type { Classification } from '../../graph/classify.js'
import type { KernelMeaning } from '../context/kernel.js'
import type { Sort, Term } from '../terms/term.js'
import { bool } from './value.js'
import type { SqlType, Value } from './value.js'
import type { Row } from './row.js'

/** What proofs look at: one snapshot and what was derived from it. */
export interface Subject {
  readonly catalog: CatalogSnapshot
  readonly model: TenancyModel
  readonly tables: Classification
  readonly access: Access
  readonly kernel: KernelMeaning
}

/** The encoding of one obligation: facts about free values, and what could not be encoded. */
export interface Encoding {
  readonly subject: Subject
  /** What holds whatever the data and the context. */
  readonly facts: Term[]
  /** Parts that may have any value: they weaken a refutation, never a proof. */
  readonly gaps: Set<string>
  /** Parts that make every answer worthless: they may change data or settings. */
  readonly blockers: Set<string>
  readonly assumptions: Set<string>
  /** Every row that the obligation speaks about. */
  readonly rows: Row[]
  /** Settings and function results that are one value for the whole statement. */
  readonly known: Map<string, Value>
  /** Tables whose policies are being applied, against endless recursion. */
  readonly applying: string[]
  constant(label: string, sort: Sort): Term
}

export function makeEncoding(subject: Subject): Encoding {
  let next = 0
  return {
    subject,
    facts: [],
    gaps: new Set(),
    blockers: new Set(),
    assumptions: new Set(),
    rows: [],
    known: new Map(),
    applying: [],
    constant: (label, sort) => ({ kind: 'const', sort, id: next++, label }),
  }
}

/** A value of which nothing is known, NULL included. */
export function free(encoding: Encoding, type: SqlType, label: string): Value {
  return {
    type,
    term: encoding.constant(label, type === 'bool' ? 'bool' : 'int'),
    isNull: encoding.constant(`${label} is null`, 'bool'),
    fails: { kind: 'truth', value: false },
  }
}

/** A value that is not modelled: it may be any, so that what is proven holds for the real one too. */
export function approximated(encoding: Encoding, type: SqlType, what: string): Value {
  encoding.gaps.add(what)
  return free(encoding, type, what)
}

/** As {@link approximated}, of something that may do more than return a value. */
export function blocked(encoding: Encoding, type: SqlType, what: string): Value {
  encoding.blockers.add(what)
  return free(encoding, type, what)
}

/** A boolean that holds or not, never NULL. */
export function freeBool(encoding: Encoding, label: string): Value {
  return bool(encoding.constant(label, 'bool'))
}

/** The value remembered under a key, made on first use. */
export function remembered(encoding: Encoding, key: string, make: () => Value): Value {
  const found = encoding.known.get(key)
  if (found !== undefined) return found
  const made = make()
  encoding.known.set(key, made)
  return made
}

/** A relation by name. */
export function relationNamed(
  { catalog }: Subject,
  schema: string,
  name: string,
): Relation | undefined {
  return catalog.relations.find((entry) => entry.schema === schema && entry.name === name)
}
