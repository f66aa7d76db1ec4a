import { findRole } from 'watertight/catalog'
import type { CatalogSnapshot, Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { parseExpression, resolve } from '../../expr/index.js'
import type { Expr, Occurrence } from '../../expr/index.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import { and, falsity, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { lookupIn } from './body-names.js'
import type { Encoding, Subject } from './encoding.js'
import { encodeBoolean } from './boolean.js'
import type { Frame } from './frame.js'
import type { Row } from './row-shape.js'
import { isTrue } from './value.js'
import type { Value } from './value.js'

/** Which condition of a policy applies: to rows that are there, or to rows that a write stores. */
export type PolicySide = 'using' | 'check'

/** The role is exempt from the relation's policies: superuser, BYPASSRLS, or owner without FORCE. */
export function isExempt({ catalog, access }: Subject, role: string, relation: Relation): boolean {
  const { inherited } = access.closure(role)
  const info = findRole(catalog, role)
  if (info === undefined || info.superuser || info.bypassRls) return true
  const actsAsOwner = [...inherited].some(
    (name) => name === relation.owner || findRole(catalog, name)?.superuser === true,
  )
  return actsAsOwner && !relation.rls.forced
}

/** The relation's policies decide which of its rows the role sees. */
export function isFiltered(subject: Subject, role: string, relation: Relation): boolean {
  return relation.rls.enabled && !isExempt(subject, role, relation)
}

/** Policies that bind a role itself, as `pg_has_role(…, 'USAGE')` decides (manual, CREATE POLICY). */
function policiesFor(
  { access }: Subject,
  role: string,
  command: Command,
  relation: Relation,
): readonly Policy[] {
  const { inherited } = access.closure(role)
  return relation.policies.filter(
    (policy) =>
      (policy.command === 'ALL' || policy.command === command) &&
      (policy.roles.length === 0 || policy.roles.some((name) => inherited.has(name))),
  )
}

/** A row passes: some permissive policy holds and every restrictive one does. */
export function passes(
  encoding: Encoding,
  row: Row,
  role: string,
  command: Command,
  side: PolicySide,
  caller: string = role,
): Term {
  const policies = policiesFor(encoding.subject, role, command, row.relation)
  const test = (policy: Policy): Term => {
    const text = side === 'check' ? (policy.withCheck ?? policy.using) : policy.using
    // A policy without the condition counts as if it were not there.
    if (text === null) return policy.permissive ? falsity : truth
    return isTrue(encodeOn(encoding, row, role, text, caller))
  }
  const permissive = policies.filter((policy) => policy.permissive)
  const restrictive = policies.filter((policy) => !policy.permissive)
  return and(...restrictive.map(test), or(...permissive.map(test)))
}

/**
 * What is true of a row that is read as `role`, in a query of `caller`; views and foreign tables may
 * show any row.
 */
export function readableRow(encoding: Encoding, row: Row, role: string, caller: string): Term {
  const { relation } = row
  const isTable = relation.kind === 'table' || relation.kind === 'partitioned-table'
  if (!isTable) encoding.gaps.add(`the rows of ${objectName(relation)}`)
  if (!isTable || !isFiltered(encoding.subject, role, relation)) return truth
  const key = `${objectName(relation)} as ${role}`
  // PostgreSQL refuses policies that read their own table; leaving them out takes nothing away.
  if (encoding.applying.includes(key) || encoding.applying.length > 4) return truth
  encoding.applying.push(key)
  const term = passes(encoding, row, role, 'SELECT', 'using', caller)
  encoding.applying.pop()
  return term
}

interface Parsed {
  readonly expr: Expr
  readonly occurrences: readonly Occurrence[]
  readonly problems: readonly string[]
}

const nowhere: Omit<Frame, 'role' | 'caller'> = {
  sources: new Map(),
  occurrences: [],
  arguments: new Map(),
  numbered: [],
  immutable: false,
  calls: [],
  path: { kind: 'printed' },
}

/** Encodes an expression of the catalog or the model about one row. */
export function encodeOn(
  encoding: Encoding,
  row: Row,
  role: string,
  text: string,
  caller: string = role,
): Value {
  const frame: Frame = { ...nowhere, role, caller }
  const { expr, occurrences, problems } = parsedOnce(encoding, row.relation, text)
  for (const problem of problems) encoding.blockers.add(problem)
  const columns = row.relation.columns.map(({ name }) => name)
  return encodeBoolean(expr, encoding, {
    ...frame,
    sources: new Map([[0, { kind: 'row', row, columns }]]),
    occurrences,
  })
}

/** What was parsed of a snapshot's relations: roles and commands share most conditions. */
const parsedOf: (catalog: CatalogSnapshot) => (relation: Relation) => Map<string, Parsed> = oncePer(
  () => oncePer(() => new Map<string, Parsed>()),
)

function parsedOnce(encoding: Encoding, relation: Relation, text: string): Parsed {
  const known = parsedOf(encoding.subject.catalog)(relation)
  const found = known.get(text)
  if (found !== undefined) return found
  const made = parsed(encoding, relation, text)
  known.set(text, made)
  return made
}

function parsed(encoding: Encoding, relation: Relation, text: string): Parsed {
  const { schema, name } = relation
  const columns = relation.columns.map((column) => column.name)
  try {
    const { node, occurrences, problems } = resolve(parseExpression(text), {
      lookup: lookupIn(encoding.subject.catalog, nowhere.path),
      relations: [{ schema, name, columns }],
    })
    return { expr: node, occurrences, problems: problems.map(({ message }) => message) }
  } catch {
    const expr: Expr = { kind: 'literal', type: 'null', value: null }
    return {
      expr,
      occurrences: [],
      problems: [
        `an expression of ${objectName(relation)} that cannot be parsed: it nests too deep or is not PostgreSQL's grammar`,
      ],
    }
  }
}
