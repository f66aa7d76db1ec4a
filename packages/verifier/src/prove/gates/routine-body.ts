import type { FunctionInfo } from 'watertight/catalog'
import {
  fieldsOf,
  isNode,
  kindOf,
  listOf,
  queryOf,
  textOf,
} from '../../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../../expr/parser/parser.js'
import { tokenize } from '../../expr/tokens.js'
import { statementTree } from '../../graph/scalar-variables.js'

/** A statement of a body, and the variables that it fills. */
export interface BodyStatement {
  readonly kind: string
  readonly fields: TreeNode
  readonly into: readonly string[]
}

/** A variable or argument of a body in PL/pgSQL. */
export interface BodyVariable {
  readonly isArgument: boolean
  /** Its type as written. */
  readonly type: string
  /** Expressions that it is given where it is declared, and by assignments to it as a whole. */
  readonly given: readonly string[]
}

/** The statements of a function, and what fills its variables. */
export interface RoutineBody {
  readonly statements: readonly BodyStatement[]
  readonly variables: ReadonlyMap<string, BodyVariable>
  /** Arguments, and variables that something else than a statement with INTO fills. */
  readonly unsure: ReadonlySet<string>
  /** Those among them that something else than their declaration or an assignment fills. */
  readonly obscure: ReadonlySet<string>
}

/** Reads a body in SQL or PL/pgSQL; undefined where that is not possible. */
export function routineBody(fn: FunctionInfo): RoutineBody | undefined {
  // An alias is another name for a variable, which the tree does not show.
  const isAliased = tokenize(fn.body).some(({ text }) => hiding.has(text.toLowerCase()))
  try {
    if (fn.language === 'plpgsql') return isAliased ? undefined : plpgsqlStatements(fn)
    if (fn.language !== 'sql') return undefined
    const statements = statementsOf(fn.body, [])
    return { statements, variables: new Map(), unsure: new Set(), obscure: new Set() }
  } catch {
    return undefined
  }
}

/** Words with which a name of a body may mean another variable than it seems to. */
const hiding: ReadonlySet<string> = new Set(['alias', 'use_variable'])

function plpgsqlStatements(fn: FunctionInfo): RoutineBody {
  const tree = statementTree(fn)
  const datums = datumsOf(tree)
  const declared = datums.filter(({ isField }) => !isField)
  const names = declared.map(({ name }) => name)
  const given = new Map<string, string[]>()
  const statements: BodyStatement[] = []
  // The tree does not say which block a name belongs to.
  const obscure = new Set(names.filter((name, at) => name !== '' && names.indexOf(name) !== at))
  const give = (name: string, text: string): void => {
    given.set(name, [...(given.get(name) ?? []), text])
  }
  const fill = (place: unknown): void => {
    obscure.add(datums[Number(place ?? 0)]?.name ?? '')
  }
  /** Variables that are filled as a whole, by name. */
  const targetsOf = (target: unknown): readonly string[] => {
    const { kind, fields } = kindOf(target)
    if (kind !== 'PLpgSQL_row') return kind === 'nothing' ? [] : [textOf(fields['refname'])]
    return listOf(fields['fields']).map((field) => {
      const place = isNode(field) ? field['varno'] : undefined
      const datum = datums[Number(place ?? 0)]
      if (datum !== undefined && !datum.isField) return datum.name
      fill(place)
      obscure.add('')
      return ''
    })
  }
  const visitAssignment = (assignment: TreeNode): void => {
    const text = textOf(queryOf(assignment['expr'])?.text)
    const datum = datums[Number(assignment['varno'] ?? 0)]
    const value = /^[^:=[]*:?=(.*)$/s.exec(text)?.[1]
    if (datum === undefined || datum.isField || value === undefined) fill(assignment['varno'])
    else give(datum.name, value)
  }
  const visitStatement = (kind: string, statement: TreeNode): void => {
    // Loops, FETCH and CALL fill variables too.
    for (const key of ['var', 'target', 'rec', 'row']) {
      for (const name of targetsOf(statement[key])) obscure.add(name)
    }
    if (kind === 'PLpgSQL_stmt_dynexecute' || kind === 'PLpgSQL_stmt_dynfors') {
      statements.push(unread)
    }
    if (kind === 'PLpgSQL_stmt_assign') visitAssignment(statement)
    else if (kind === 'PLpgSQL_stmt_foreach_a') fill(statement['varno'])
  }
  const visit = (node: unknown): void => {
    for (const item of listOf(node)) visit(item)
    if (!isNode(node)) return
    for (const [kind, value] of Object.entries(node)) {
      if (!isNode(value)) visit(value)
      else if (kind === 'PLpgSQL_stmt_execsql') {
        const text = queryOf(value['sqlstmt'])?.text ?? ''
        statements.push(...statementsOf(text, targetsOf(value['target'])))
      } else if (kind === 'PLpgSQL_expr') {
        // Elsewhere a statement that changes data stands in RETURN QUERY, FOR and the like.
        const text = textOf(value['query'])
        if (/\b(insert|update|delete|merge|truncate)\b/i.test(text)) statements.push(unread)
      } else {
        if (kind.startsWith('PLpgSQL_stmt_')) visitStatement(kind, value)
        if (kind === 'PLpgSQL_diag_item') fill(value['target'])
        if (kind === 'PLpgSQL_var' && 'default_val' in value) {
          give(textOf(value['refname']), queryOf(value['default_val'])?.text ?? '')
        }
        visit(value)
      }
    }
  }
  visit(tree)
  // Arguments may be given any value.
  const args = declared.flatMap(({ name, isArgument }) => (isArgument ? [name] : []))
  return {
    statements,
    unsure: new Set([...args, ...given.keys(), ...obscure]),
    obscure,
    variables: new Map(
      declared.map(({ name, isArgument, type }) => [
        name,
        { isArgument, type, given: given.get(name) ?? [] },
      ]),
    ),
  }
}

const unread: BodyStatement = { kind: 'unread', fields: {}, into: [] }

interface Datum {
  /** Of the variable; for a field of a record, that of the record. */
  readonly name: string
  readonly isArgument: boolean
  readonly isField: boolean
  readonly type: string
}

/** What a body can fill, in the order of its numbers. */
function datumsOf(tree: unknown): readonly Datum[] {
  const [routine] = isNode(tree) ? listOf(tree['plpgsql_funcs']) : []
  const all = listOf(fieldsOf(routine, 'PLpgSQL_function')?.['datums']).map(kindOf)
  return all.map(({ kind, fields }) => {
    const parent = all[Number(fields['recparentno'] ?? 0)]
    const isField = kind === 'PLpgSQL_recfield'
    const isRow = kind === 'PLpgSQL_row'
    const name = isRow ? '' : textOf((isField ? parent?.fields : fields)?.['refname'])
    return {
      name,
      isField,
      // Arguments have no line of their own, and neither do the rows of a trigger.
      isArgument:
        !isField &&
        !isRow &&
        !('lineno' in fields) &&
        !(kind === 'PLpgSQL_rec' && ofTrigger.has(name)),
      type: textOf(fieldsOf(fields['datatype'], 'PLpgSQL_type')?.['typname']),
    }
  })
}

const ofTrigger: ReadonlySet<string> = new Set(['new', 'old'])

function statementsOf(text: string, into: readonly string[]): readonly BodyStatement[] {
  return parseStatements(text).map(({ node }) => {
    const [kind = '', fields] = Object.entries(node)[0] ?? []
    return { kind, fields: isNode(fields) ? fields : {}, into }
  })
}
