import { fieldsOf, isNode, kindOf, listOf, textOf } from '../../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../../expr/function-body/plpgsql-tree.js'
import { objectName } from '../../graph/object-name.js'
import type { Subject } from '../encode/encoding.js'
import type { BodyStatement, RoutineBody } from './routine-body.js'
import { columnMeant, pathOf } from './secret-lookup.js'
import type { LookupReader, Secret, SecretLookup } from './secret-lookup.js'

/** A variable with the tenant of a row whose secret was asked for: all of it, or one field. */
interface HeldTenant {
  readonly secret: Secret
  readonly field: string | null
}

/** Which expressions of a body are the tenant of a row whose secret the caller knows. */
export interface SecretTenants {
  /** By the secret that was asked for; undefined for any other expression. */
  ofVariable(expression: unknown): Secret | undefined
  /** The same for what a query gives at a place of its result. */
  ofQuery(query: TreeNode, place: number): Secret | undefined
}

/** Follows tenants from the queries that ask for a secret into variables. */
export function secretTenants(
  subject: Subject,
  body: RoutineBody,
  reader: LookupReader,
): SecretTenants {
  const held = new Map<string, readonly (HeldTenant | undefined)[]>()
  for (const { kind, fields, into } of body.statements) {
    const found = reader.lookup(kind, fields)
    for (const [place, name] of into.entries()) {
      const tenant =
        found && changesNone(subject, kind, fields, found)
          ? heldBy(subject, body, { kind, fields, into }, found, place, reader.isPathSafe)
          : undefined
      held.set(name, [...(held.get(name) ?? []), tenant])
    }
  }
  return {
    ofVariable: (expression) => {
      const reference = fieldsOf(expression, 'ColumnRef')
      const [name = '', field = null, ...more] = reference === undefined ? [] : pathOf(reference)
      const [first, ...others] = held.get(name) ?? []
      // What fills the variable a second time is not followed.
      if (first === undefined || others.length > 0 || more.length > 0) return undefined
      return first.field === field && !body.unsure.has(name) ? first.secret : undefined
    },
    ofQuery: (query, place) => {
      const found = reader.lookup('SelectStmt', query)
      const targets = listOf(query['targetList'])
      if (found === undefined || targets.some(isStar)) return undefined
      return isTenant(subject, found, valueOf(targets[place])) ? found.secret : undefined
    },
  }
}

function heldBy(
  subject: Subject,
  { variables }: RoutineBody,
  { fields, into }: BodyStatement,
  found: SecretLookup,
  place: number,
  isPathSafe: boolean,
): HeldTenant | undefined {
  const { secret, ranges } = found
  const clause = fields['returningClause']
  const targets = listOf(
    fields['targetList'] !== undefined && fields['relation'] === undefined
      ? fields['targetList']
      : (fields['returningList'] ?? (isNode(clause) ? clause['exprs'] : undefined)),
  )
  const type = variables.get(into[place] ?? '')?.type ?? ''
  const stars = targets.filter(isStar)
  const tenant = tenantColumn(subject, secret)
  if (tenant === undefined) return undefined
  if (stars.length > 0) {
    const isOnly = targets.length === 1 && into.length === 1 && isRowOf(type, secret, isPathSafe)
    const [of, ...rest] = pathOf(fieldsOf(valueOf(stars[0]), 'ColumnRef') ?? {})
    const isWhole = rest.length === 0 ? ranges.length === 1 : of === found.alias
    return isOnly && isWhole ? { secret, field: tenant } : undefined
  }
  if (isScalar(type)) {
    const value = targets.length === into.length ? valueOf(targets[place]) : undefined
    return isTenant(subject, found, value) ? { secret, field: null } : undefined
  }
  if (type !== 'record' || into.length !== 1) return undefined
  const [one, ...others] = targets.filter((target) => nameOf(target) === tenant)
  const isOwn = others.length === 0 && isTenant(subject, found, valueOf(one))
  return isOwn ? { secret, field: tenant } : undefined
}

/** A type that holds one value, so that no field of it can be meant. */
function isScalar(type: string): boolean {
  return /^(uuid|text|bigint|integer|int|int8|varchar|.*%type)$/is.test(type)
}

/** A row whose fields are the columns of the secret's table. */
function isRowOf(type: string, { relation }: Secret, isPathSafe: boolean): boolean {
  const written = type.replace(/%rowtype$/i, '').replaceAll('"', '')
  if (written === relation.name) return isPathSafe
  return written === 'record' || written === `${relation.schema}.${relation.name}`
}

/** An UPDATE that asks for the secret must leave the row what it was. */
function changesNone(
  subject: Subject,
  kind: string,
  fields: TreeNode,
  { secret }: SecretLookup,
): boolean {
  if (kind !== 'UpdateStmt') return true
  const tenant = tenantColumn(subject, secret)
  return listOf(fields['targetList']).every((target) => {
    const name = textOf(kindOf(target).fields['name'])
    return name !== '' && name !== tenant && name !== secret.column
  })
}

function isTenant(subject: Subject, found: SecretLookup, value: unknown): boolean {
  const meant = columnMeant(value, found.ranges)
  return (
    meant !== undefined &&
    meant.range.alias === found.alias &&
    meant.column === tenantColumn(subject, found.secret)
  )
}

/** The column that says whose the row of the secret is. */
function tenantColumn({ tables }: Subject, { relation }: Secret): string | undefined {
  return tables.get(objectName(relation))?.tenantColumn ?? undefined
}

function valueOf(target: unknown): unknown {
  return kindOf(target).fields['val']
}

function nameOf(target: unknown): string {
  const { name, val } = kindOf(target).fields
  if (name !== undefined) return textOf(name)
  return pathOf(fieldsOf(val, 'ColumnRef') ?? {}).at(-1) ?? ''
}

function isStar(target: unknown): boolean {
  return pathOf(fieldsOf(valueOf(target), 'ColumnRef') ?? {}).includes('*')
}
