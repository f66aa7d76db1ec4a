import type { FunctionInfo, Relation } from 'watertight/catalog'
import { ident, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { isNode, listOf, queryOf, textOf } from '../../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../../expr/function-body/plpgsql-tree.js'
import { parsePlpgsqlTree, parseStatements } from '../../expr/parser/parser.js'

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

/** A statement of a body, and the variables that it fills. */
interface BodyStatement {
  readonly kind: string
  readonly fields: TreeNode
  readonly into: readonly string[]
}

/**
 * Whether all that a function does to memberships is to end them, to change neither their user nor
 * their tenant, or to make one of a tenant that it, or the statement it is a trigger of, has just made.
 */
export function givesOnlyNewTenants(fn: FunctionInfo, at: MembershipTables): boolean {
  const body = bodyOf(fn)
  if (body === undefined) return false
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
  return body.statements.every((statement) => isHarmless(statement, at, made, unsure))
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

function bodyOf(fn: FunctionInfo): Body | undefined {
  try {
    if (fn.language === 'plpgsql') return plpgsqlStatements(fn)
    return { statements: statementsOf(fn.body, []), unsure: new Set() }
  } catch {
    return undefined
  }
}

interface Body {
  readonly statements: readonly BodyStatement[]
  /** Variables that may hold something else than what INSERT … RETURNING gave. */
  readonly unsure: ReadonlySet<string>
}

function plpgsqlStatements(fn: FunctionInfo): Body {
  const name = qualifiedName(fn.schema, fn.name)
  const create = sql`create function ${name}(${trustedSql(fn.identityArguments)}) returns ${trustedSql(fn.returns)} language ${ident('plpgsql')} as ${literal(fn.body)}`
  const statements: BodyStatement[] = []
  const unsure = new Set<string>()
  const visit = (node: unknown): void => {
    for (const item of listOf(node)) visit(item)
    if (!isNode(node)) return
    for (const [kind, value] of Object.entries(node)) {
      if (kind === 'PLpgSQL_stmt_execsql' && isNode(value)) {
        const text = queryOf(value['sqlstmt'])?.text ?? ''
        statements.push(...statementsOf(text, targetNames(value['target'])))
      } else if (kind === 'PLpgSQL_expr' && isNode(value)) {
        // Elsewhere a statement that changes data stands in RETURN QUERY, FOR and the like.
        const text = textOf(value['query'])
        if (/\b(insert|update|delete|merge|truncate)\b/i.test(text)) statements.push(unread)
      } else {
        if (kind === 'PLpgSQL_stmt_dynexecute' || kind === 'PLpgSQL_stmt_dynfors') {
          statements.push(unread)
        }
        if (kind.startsWith('PLpgSQL_stmt_') && isNode(value)) {
          // Loops and FETCH fill variables too.
          for (const key of ['var', 'target', 'rec', 'row']) {
            for (const name of targetNames(value[key])) unsure.add(name)
          }
        }
        if (kind === 'PLpgSQL_stmt_assign' && isNode(value)) {
          unsure.add(textOf(queryOf(value['expr'])?.text).split(/\s|:|=|\.|\[/, 1)[0] ?? '')
        }
        if (kind === 'PLpgSQL_var' && isNode(value)) {
          // Arguments have no line of their own, and may be given any value.
          const isArgument = !('lineno' in value)
          if (isArgument || 'default_val' in value) unsure.add(textOf(value['refname']))
        }
        visit(value)
      }
    }
  }
  visit(parsePlpgsqlTree(create.text))
  return { statements, unsure }
}

const unread: BodyStatement = { kind: 'unread', fields: {}, into: [] }

function targetNames(target: unknown): readonly string[] {
  if (!isNode(target)) return []
  const record = target['PLpgSQL_rec']
  if (isNode(record)) return [textOf(record['refname'])]
  const variable = target['PLpgSQL_var']
  if (isNode(variable)) return [textOf(variable['refname'])]
  const row = target['PLpgSQL_row']
  return isNode(row)
    ? listOf(row['fields']).map((field) => (isNode(field) ? textOf(field['name']) : ''))
    : []
}

function statementsOf(text: string, into: readonly string[]): readonly BodyStatement[] {
  return parseStatements(text).map(({ node }) => {
    const [kind = '', fields] = Object.entries(node)[0] ?? []
    return { kind, fields: isNode(fields) ? fields : {}, into }
  })
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
  const columns = listOf(fields['cols']).map((column) =>
    isNode(column) && isNode(column['ResTarget']) ? textOf(column['ResTarget']['name']) : '',
  )
  const select = isNode(fields['selectStmt']) ? fields['selectStmt']['SelectStmt'] : undefined
  const rows = isNode(select) ? listOf(select['valuesLists']) : []
  const place = columns.indexOf(at.tenant)
  return (
    place >= 0 &&
    rows.length > 0 &&
    rows.every((row) => {
      const items = isNode(row) && isNode(row['List']) ? listOf(row['List']['items']) : []
      const path = columnPath(items[place])
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
  return listOf(fields['targetList']).every((target) => {
    const name =
      isNode(target) && isNode(target['ResTarget']) ? textOf(target['ResTarget']['name']) : ''
    const decides = name === at.user || name === at.tenant || (at.where ?? '').includes(name)
    return name !== '' && !decides
  })
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
