import { convertTypeName } from '../convert/type-name.js'
import { Unmodelled, unmodelled } from '../convert/unmodelled.js'
import type { PlpgsqlVariable } from '../ir/function-body.js'
import type { TypeName } from '../ir/names.js'
import { parseExpression } from '../parse.js'
import { parseStatements } from '../parser/parser.js'
import { fieldsOf, kindOf, queryOf, textOf } from './plpgsql-tree.js'
import type { TreeNode } from './plpgsql-tree.js'

/** Variables that PostgreSQL declares in the place of a clause, and of CASE. */
const generated = /^(sqlstate|sqlerrm|__Case__Variable_\d+__)$/

/** The variables that PostgreSQL declares: `found`, and those of triggers. */
export function implicitNames(
  datums: readonly unknown[],
  argNames: ReadonlySet<string>,
): readonly string[] {
  return datums.flatMap((datum) => {
    const { kind, fields } = kindOf(datum)
    const { refname, lineno } = fields
    const isVariable = kind === 'PLpgSQL_var' || kind === 'PLpgSQL_rec'
    const isImplicit = isVariable && typeof refname === 'string' && lineno === undefined
    return isImplicit && !argNames.has(refname) ? [refname] : []
  })
}

/** The variables that a body declares itself, arguments excluded. */
export function declaredVariables(
  datums: readonly unknown[],
  argNames: ReadonlySet<string>,
): readonly PlpgsqlVariable[] {
  const variables: PlpgsqlVariable[] = []
  for (const datum of datums) {
    const { kind, fields } = kindOf(datum)
    const name = textOf(fields['refname'])
    // Arguments and implicit variables have no line of their own.
    if (kind === 'PLpgSQL_row' || kind === 'PLpgSQL_recfield' || !('lineno' in fields)) continue
    if (generated.test(name)) continue
    if (kind !== 'PLpgSQL_var' && kind !== 'PLpgSQL_rec') unmodelled(`a ${kind}`)
    // The tree does not say which block a name belongs to.
    if (argNames.has(name) || variables.some((other) => other.name === name)) {
      unmodelled('a variable that hides another')
    }
    variables.push(variable(name, fields))
  }
  return variables
}

function variable(name: string, fields: TreeNode): PlpgsqlVariable {
  if ('cursor_explicit_expr' in fields) return unmodelled('a cursor')
  const typeText = textOf(fieldsOf(fields['datatype'], 'PLpgSQL_type')?.['typname'])
  const initial = queryOf(fields['default_val'])
  return {
    name,
    typeText,
    type: typeOf(typeText),
    initial: initial === undefined ? null : parseExpression(initial.text),
    constant: fields['isconst'] === true,
    notNull: fields['notnull'] === true,
  }
}

/** The type when it is one that a cast could name. */
function typeOf(text: string): TypeName | null {
  if (text === 'record' || text.includes('%')) return null
  try {
    const [statement] = parseStatements(`SELECT NULL::${text}`)
    const select = statement !== undefined && 'SelectStmt' in statement.node ? statement.node : null
    const [target] = select?.SelectStmt.targetList ?? []
    const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
    const type = value !== undefined && 'TypeCast' in value ? value.TypeCast.typeName : undefined
    return type === undefined ? null : convertTypeName(type)
  } catch (error) {
    if (error instanceof Unmodelled) return null
    throw error
  }
}
