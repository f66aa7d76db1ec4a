import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { Access } from '../../graph/access.js'
import type { Classification } from '../../graph/classify.js'
import type { Sort, Term } from '../terms/term.js'
import { bool } from './value.js'
import type { SqlType, Value } from './value.js'
import type { Expr, QualifiedName, Select } from '../../expr/index.js'
import type { Frame } from './frame.js'
import type { Match } from './match.js'
import type { Row } from './row-shape.js'

/** What proofs look at: one snapshot and what was derived from it. */
export interface Subject {
  readonly catalog: CatalogSnapshot
  readonly model: TenancyModel
  readonly tables: Classification
  readonly access: Access
  readonly kernel: KernelMeaning
}

/** What the functions of schema `watertight` return, when they are as watertight makes them. */
export interface KernelMeaning {
  isKernelFunction(name: QualifiedName): boolean
  /** Undefined for a function that is not genuine or not known. */
  value(encoding: Encoding, name: string, args: readonly Value[]): Value | undefined
}

/** Encodes an expression whose names are resolved. */
export type Encode = (expr: Expr, encoding: Encoding, frame: Frame) => Value

/**
 * Expressions hold queries, queries hold calls, and bodies of functions hold expressions: whoever is
 * further down calls back through these.
 */
export interface Encoders {
  readonly encode: Encode
  readonly matchRow: (
    select: Select,
    encoding: Encoding,
    frame: Frame,
    encode: Encode,
  ) => Match | undefined
}

/** The encoding of one obligation: facts about free values, and what could not be encoded. */
export interface Encoding {
  readonly subject: Subject
  readonly encoders: Encoders
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

export function makeEncoding(subject: Subject, encoders: Encoders): Encoding {
  let next = 0
  return {
    subject,
    encoders,
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
  return findRelation(catalog, schema, name)
}
