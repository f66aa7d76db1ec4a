import { WatertightError } from 'watertight/errors'
import type { ColumnRef, Opaque } from '../ir/expr.js'
import type { PlpgsqlStatement } from '../ir/function-body.js'
import { Unmodelled, unmodelled } from '../convert/unmodelled.js'
import { parseExpression, parseSelect } from '../parse.js'
import { assignment } from './assignment.js'
import { fieldsOf, isNode, kindOf, listOf, queryOf, textOf } from './plpgsql-tree.js'
import type { TreeNode } from './plpgsql-tree.js'

/** What statements refer to. */
export interface StatementContext {
  readonly datums: readonly unknown[]
  /** Variables that an assignment may set whole. */
  readonly assignable: ReadonlySet<string>
}

type Converted = readonly PlpgsqlStatement[]
type Handler = (fields: TreeNode, context: StatementContext) => Converted

const handlers: Readonly<Record<string, Handler>> = {
  PLpgSQL_stmt_assign: (fields, context) => {
    const { variable, value } = assignment(required(fields['expr']).text)
    if (!context.assignable.has(variable)) return unmodelled(`an assignment to ${variable}`)
    return [{ kind: 'assign', variable, value: parseExpression(value) }]
  },
  PLpgSQL_stmt_block: (fields, context) => {
    const body = convertStatements(fields['body'], context)
    if (fields['exceptions'] === undefined) return body
    const clause = fieldsOf(fields['exceptions'], 'PLpgSQL_exception_block')
    const handlers = listOf(clause?.['exc_list']).map((handler) => {
      const inner = fieldsOf(handler, 'PLpgSQL_exception') ?? unmodelled('an EXCEPTION clause')
      return convertStatements(inner['action'], context)
    })
    return [{ kind: 'block', body, handlers }]
  },
  PLpgSQL_stmt_case: (fields, context) => {
    // CASE with an operand compares with a variable that PostgreSQL makes.
    if (fields['t_expr'] !== undefined) return unmodelled('a CASE statement with an operand')
    const branches = listOf(fields['case_when_list']).map((branch) => {
      const inner = fieldsOf(branch, 'PLpgSQL_case_when') ?? unmodelled('a CASE statement')
      return {
        condition: parseExpression(required(inner['expr']).text),
        body: convertStatements(inner['stmts'], context),
      }
    })
    const otherwise: Converted =
      fields['have_else'] === true
        ? convertStatements(fields['else_stmts'], context)
        : [{ kind: 'raise', level: 'exception' }]
    return [{ kind: 'if', branches, otherwise }]
  },
  PLpgSQL_stmt_execsql: (fields, context) => {
    if (fields['into'] !== true) return unmodelled('a statement that changes data')
    const { targets, record } = intoTargets(fields['target'], context)
    const select = parseSelect(required(fields['sqlstmt']).text)
    return [{ kind: 'select-into', select, targets, record, strict: fields['strict'] === true }]
  },
  PLpgSQL_stmt_if: (fields, context) => {
    const elsifs = listOf(fields['elsif_list']).map((branch) => {
      const inner = fieldsOf(branch, 'PLpgSQL_if_elsif') ?? unmodelled('an IF')
      return { condition: inner['cond'], body: inner['stmts'] }
    })
    const branches = [{ condition: fields['cond'], body: fields['then_body'] }, ...elsifs]
    return [
      {
        kind: 'if',
        branches: branches.map(({ condition, body }) => ({
          condition: parseExpression(required(condition).text),
          body: convertStatements(body, context),
        })),
        otherwise: convertStatements(fields['else_body'], context),
      },
    ]
  },
  PLpgSQL_stmt_perform: (fields) => [
    { kind: 'perform', select: parseSelect(required(fields['expr']).text) },
  ],
  PLpgSQL_stmt_raise: (fields) => [
    {
      kind: 'raise',
      level: Number(fields['elog_level'] ?? 0) >= errorLevel ? 'exception' : 'message',
    },
  ],
  PLpgSQL_stmt_return: (fields, { datums }) => {
    // Without a line it is PostgreSQL's own at the end of the body.
    if (!('lineno' in fields)) return []
    const value = queryOf(fields['expr'])
    if (value !== undefined) return [{ kind: 'return', value: parseExpression(value.text) }]
    return [{ kind: 'return', value: returnedVariable(fields['retvarno'], datums) }]
  },
  PLpgSQL_stmt_return_query: (fields) => {
    const query = queryOf(fields['query']) ?? unmodelled('RETURN QUERY EXECUTE')
    return [{ kind: 'return-query', select: parseSelect(query.text) }]
  },
}

/** `ERROR` of elog.h; RAISE without a level has it too. */
const errorLevel = 21

/** A list of statements in order; blocks without variables of their own dissolve. */
export function convertStatements(list: unknown, context: StatementContext): Converted {
  return listOf(list).flatMap((statement) => convertStatement(statement, context))
}

function convertStatement(statement: unknown, context: StatementContext): Converted {
  const { kind, fields } = kindOf(statement)
  try {
    const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined
    return handler?.(fields, context) ?? unmodelled(descriptions[kind] ?? `a ${kind}`)
  } catch (error) {
    const query = queryOf(fields['expr'] ?? fields['sqlstmt'] ?? fields['query'])
    return [{ kind: 'opaque', reason: reasonOf(error), text: query?.text ?? '' } satisfies Opaque]
  }
}

/** INSERT … RETURNING may stand where a query may. */
function reasonOf(error: unknown): string {
  if (error instanceof Unmodelled) return error.reason
  if (error instanceof WatertightError && error.code === 'UNPARSABLE_SQL') return error.message
  throw error
}

const descriptions: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: 'EXECUTE of dynamic SQL',
  PLpgSQL_stmt_fori: 'a loop',
  PLpgSQL_stmt_foreach_a: 'a loop',
  PLpgSQL_stmt_fors: 'a loop',
  PLpgSQL_stmt_loop: 'a loop',
  PLpgSQL_stmt_while: 'a loop',
  PLpgSQL_stmt_return_next: 'RETURN NEXT',
}

/** RETURN of a variable alone is kept as its number; that of the OUT arguments is a row. */
function returnedVariable(number: unknown, datums: readonly unknown[]): ColumnRef | null {
  if (typeof number !== 'number' || number < 0) return null
  const { kind, fields } = kindOf(datums[number])
  if (kind === 'PLpgSQL_row') return null
  const name = fields['refname']
  if (typeof name !== 'string') return unmodelled('RETURN of a part of a variable')
  return { kind: 'column', qualifier: [], name }
}

function required(value: unknown): { text: string; mode: number } {
  return queryOf(value) ?? unmodelled('a statement without its expression')
}

function intoTargets(
  target: unknown,
  { assignable }: StatementContext,
): { targets: readonly string[]; record: boolean } {
  const record = fieldsOf(target, 'PLpgSQL_rec')
  if (record !== undefined) return { targets: [textOf(record['refname'])], record: true }
  const row = fieldsOf(target, 'PLpgSQL_row') ?? unmodelled('INTO')
  const targets = listOf(row['fields']).map((field) => (isNode(field) ? textOf(field['name']) : ''))
  if (targets.every((name) => assignable.has(name))) return { targets, record: false }
  return unmodelled('INTO a field')
}
