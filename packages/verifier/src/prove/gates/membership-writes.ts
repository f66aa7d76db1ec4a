import type { FunctionInfo, Relation } from 'watertight/catalog'
import { contextFunctions, readsContext } from '../../expr/context-functions.js'
import { fieldsOf, isNode, kindOf, listOf, textOf } from '../../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../../expr/parser/parser.js'
import type { Subject } from '../encode/encoding.js'
import type { MembershipSource } from '../../graph/membership-sources.js'
import { routineBody } from './routine-body.js'
import type { BodyStatement, RoutineBody } from './routine-body.js'
import { lookupReader } from './secret-lookup.js'
import type { Secret } from './secret-lookup.js'
import { secretTenants } from './secret-tenants.js'
import type { SecretTenants } from './secret-tenants.js'

/** Where memberships and tenants are. */
export interface MembershipTables {
  readonly memberships: Relation
  readonly user: string
  readonly tenant: string
  /** The condition under which a membership counts. */
  readonly where: string | null
  readonly tenants: Relation
  /** The primary key of the tenants. */
  readonly key: string
  /** The function runs for rows that were just made in the table of tenants. */
  readonly isMadeByTrigger: boolean
}

/**
 * The secrets that a function asks for before it gives memberships of the tenants of their rows.
 * Undefined where it may do more to memberships than that, end them, change neither their user nor
 * their tenant, or make one of a tenant that it, or the statement it is a trigger of, has just made.
 */
export function secretsForMemberships(
  subject: Subject,
  fn: FunctionInfo,
  at: MembershipTables,
): readonly Secret[] | undefined {
  const body = routineBody(fn)
  if (body === undefined) return undefined
  const makes = ({ kind, fields }: BodyStatement): boolean =>
    kind === 'InsertStmt' &&
    isNamed(fields['relation'], at.tenants) &&
    fields['onConflictClause'] === undefined &&
    returnsKey(fields, at.key)
  // A variable that anything else fills may hold a tenant that was there before.
  const others = body.statements.filter((statement) => !makes(statement))
  const unsure = new Set([...body.unsure, ...others.flatMap(({ into }) => into)])
  const made = new Set(
    body.statements.filter(makes).flatMap(({ into }) => into.filter((name) => !unsure.has(name))),
  )
  const reader = lookupReader(subject, fn, body)
  const bySecret = reader && secretTenants(subject, body, reader)
  const secrets: Secret[] = []
  for (const statement of body.statements) {
    if (isHarmless(statement, at, made, unsure)) continue
    const secret = bySecret && secretFor(statement, at, bySecret)
    if (secret === undefined || !isForCaller(subject, statement, at, body)) return undefined
    secrets.push(secret)
  }
  return secrets
}

/**
 * A function adds rows to the table of tenants, ends them or changes other columns, but says of no
 * tenant that is there whose it is.
 */
export function keepsOwners(
  fn: FunctionInfo,
  { relation, user, tenant }: MembershipSource,
): boolean {
  const at = {
    memberships: relation,
    user,
    tenant,
    where: null,
    tenants: relation,
    key: tenant,
    isMadeByTrigger: false,
  }
  const none: ReadonlySet<string> = new Set()
  const body = routineBody(fn)
  return (
    body?.statements.every((statement) => {
      const { kind, fields } = statement
      const adds = kind === 'InsertStmt' && isNamed(fields['relation'], relation)
      if (!adds) return isHarmless(statement, at, none, none)
      return (
        fields['withClause'] === undefined &&
        !changes(fields['selectStmt']) &&
        keepsConflicting(fields, at)
      )
    }) === true
  )
}

/**
 * The column of a new tenant's row whose user a trigger makes a member of that tenant, whatever else
 * it does; null where it makes none.
 */
export function madeMember(
  fn: FunctionInfo,
  { relation, user, tenant }: MembershipSource,
  key: string,
): string | null {
  for (const { kind, fields } of routineBody(fn)?.statements ?? []) {
    if (kind !== 'InsertStmt' || !isNamed(fields['relation'], relation)) continue
    const columns = columnsOf(fields)
    const [row, ...more] = valueRows(fieldsOf(fields['selectStmt'], 'SelectStmt') ?? {})
    if (row === undefined || more.length > 0) continue
    const ofNew = (column: string): string | undefined => {
      const [first, second, ...rest] = columnPath(row[columns.indexOf(column)]) ?? []
      return first === 'new' && rest.length === 0 ? second : undefined
    }
    const owner = ofNew(user)
    if (ofNew(tenant) === key && owner !== undefined) return owner
  }
  return null
}

function isHarmless(
  { kind, fields }: BodyStatement,
  at: MembershipTables,
  made: ReadonlySet<string>,
  unsure: ReadonlySet<string>,
): boolean {
  if (kind === 'unread') return false
  if (!mentions(fields, at.memberships)) return true
  switch (kind) {
    case 'SelectStmt':
      return !changes(fields)
    case 'DeleteStmt':
    case 'TruncateStmt':
      return true
    case 'UpdateStmt':
      return keepsWhose(fields, at) && fields['withClause'] === undefined
    case 'InsertStmt':
      return isNamed(fields['relation'], at.memberships)
        ? isOfNew(fields, at, made, unsure)
        : !changes(fields)
    default:
      return false
  }
}

/** The secret of the row whose tenant an INSERT gives a membership of. */
function secretFor(
  { kind, fields }: BodyStatement,
  at: MembershipTables,
  bySecret: SecretTenants,
): Secret | undefined {
  const isInsert = kind === 'InsertStmt' && isNamed(fields['relation'], at.memberships)
  if (!isInsert || fields['withClause'] !== undefined || !keepsConflicting(fields, at)) {
    return undefined
  }
  const place = columnsOf(fields).indexOf(at.tenant)
  const query = fieldsOf(fields['selectStmt'], 'SelectStmt')
  if (place < 0 || query === undefined) return undefined
  const [row, ...more] = valueRows(query)
  if (row === undefined) return bySecret.ofQuery(query, place)
  return more.length > 0 ? undefined : bySecret.ofVariable(row[place])
}

/** What is there already is left alone, or stays the same user's membership of the same tenant. */
function keepsConflicting(fields: TreeNode, at: MembershipTables): boolean {
  const clause = fields['onConflictClause']
  if (!isNode(clause)) return clause === undefined
  return clause['action'] === 'ONCONFLICT_NOTHING' || setsOnlyOthers(clause['targetList'], at)
}

/** Who becomes a member is not for the caller to say. */
function isForCaller(
  { catalog }: Subject,
  { fields }: BodyStatement,
  at: MembershipTables,
  { variables, obscure, statements }: RoutineBody,
): boolean {
  const context = contextFunctions(catalog.functions)
  const isContext = (text: string): boolean => readsContext(text, context) && isClosed(text)
  const place = columnsOf(fields).indexOf(at.user)
  const query = fieldsOf(fields['selectStmt'], 'SelectStmt') ?? {}
  const [row] = valueRows(query)
  const targets = listOf(query['targetList']).map((target) => kindOf(target).fields['val'])
  const value = (row ?? targets)[place]
  const [name, ...more] = columnPath(value) ?? []
  if (name === undefined) return isOfContext(value, context)
  const variable = variables.get(name)
  return (
    more.length === 0 &&
    variable?.isArgument === false &&
    variable.given.length > 0 &&
    variable.given.every(isContext) &&
    !obscure.has(name) &&
    !statements.some(({ into }) => into.includes(name))
  )
}

/** The text is one expression that no column, argument or query has a part in. */
function isClosed(text: string): boolean {
  const [statement] = parseStatements(`select ${text}`)
  return statement !== undefined && !depends(statement.node)
}

function isOfContext(value: unknown, context: ReadonlySet<string>): boolean {
  return !depends(value) && callsOneOf(value, context)
}

function depends(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(depends)
  if (!isNode(node)) return false
  return Object.entries(node).some(
    ([kind, value]) =>
      kind === 'ColumnRef' || kind === 'ParamRef' || kind === 'SubLink' || depends(value),
  )
}

function callsOneOf(node: unknown, context: ReadonlySet<string>): boolean {
  if (Array.isArray(node)) return node.some((item) => callsOneOf(item, context))
  if (!isNode(node)) return false
  const call = fieldsOf(node, 'FuncCall')
  const name = listOf(call?.['funcname']).at(-1)
  const written = textOf(kindOf(name).fields['sval'])
  if (context.has(written) || written === 'current_setting') return true
  return Object.values(node).some((value) => callsOneOf(value, context))
}

/** RETURNING gives the key alone, or the whole row. */
function returnsKey(fields: TreeNode, key: string): boolean {
  const [only, ...more] = listOf(fields['returningList'] ?? returningOf(fields['returningClause']))
  const path = columnPath(
    isNode(only) && isNode(only['ResTarget']) ? only['ResTarget']['val'] : null,
  )
  return more.length === 0 && (path?.at(-1) === key || path?.at(-1) === '*')
}

function returningOf(clause: unknown): unknown {
  return isNode(clause) ? clause['exprs'] : undefined
}

/** The membership is of a tenant that was just made. */
function isOfNew(
  fields: TreeNode,
  at: MembershipTables,
  made: ReadonlySet<string>,
  unsure: ReadonlySet<string>,
): boolean {
  if (fields['onConflictClause'] !== undefined || fields['withClause'] !== undefined) return false
  const rows = valueRows(fieldsOf(fields['selectStmt'], 'SelectStmt') ?? {})
  const place = columnsOf(fields).indexOf(at.tenant)
  return (
    place >= 0 &&
    rows.length > 0 &&
    rows.every((row) => {
      const path = columnPath(row[place])
      if (path === null) return false
      const [first, second, ...more] = path
      if (more.length > 0 || first === undefined) return false
      if (first === 'new') {
        return at.isMadeByTrigger && second === at.key && !unsure.has('new')
      }
      return made.has(first) && (second === undefined || second === at.key)
    })
  )
}

/** UPDATE sets neither the user nor the tenant. */
function keepsWhose(fields: TreeNode, at: MembershipTables): boolean {
  if (!isNamed(fields['relation'], at.memberships)) return true
  return setsOnlyOthers(fields['targetList'], at)
}

function setsOnlyOthers(targets: unknown, at: MembershipTables): boolean {
  return listOf(targets).every((target) => {
    const name =
      isNode(target) && isNode(target['ResTarget']) ? textOf(target['ResTarget']['name']) : ''
    const decides = name === at.user || name === at.tenant || (at.where ?? '').includes(name)
    return name !== '' && !decides
  })
}

/** The columns that an INSERT names. */
function columnsOf(fields: TreeNode): readonly string[] {
  return listOf(fields['cols']).map((column) => textOf(kindOf(column).fields['name']))
}

/** The rows of VALUES, each as its expressions. */
function valueRows(query: TreeNode): readonly (readonly unknown[])[] {
  return listOf(query['valuesLists']).map((row) => listOf(fieldsOf(row, 'List')?.['items']))
}

function columnPath(node: unknown): readonly string[] | null {
  const reference = isNode(node) ? node['ColumnRef'] : undefined
  if (!isNode(reference)) return null
  return listOf(reference['fields']).map((field) => {
    if (isNode(field) && isNode(field['String'])) return textOf(field['String']['sval'])
    return isNode(field) && 'A_Star' in field ? '*' : ''
  })
}

function isNamed(range: unknown, { schema, name }: Relation): boolean {
  const written = isNode(range) && isNode(range['RangeVar']) ? range['RangeVar'] : range
  if (!isNode(written) || written['relname'] !== name) return false
  return written['schemaname'] === undefined || written['schemaname'] === schema
}

function mentions(node: unknown, relation: Relation): boolean {
  if (isNamed(node, relation)) return true
  if (Array.isArray(node)) return node.some((item) => mentions(item, relation))
  return isNode(node) && Object.values(node).some((value) => mentions(value, relation))
}

/** A query that changes data in WITH. */
function changes(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(changes)
  if (!isNode(node)) return false
  return Object.entries(node).some(
    ([kind, value]) => /^(Insert|Update|Delete|Merge)Stmt$/.test(kind) || changes(value),
  )
}
