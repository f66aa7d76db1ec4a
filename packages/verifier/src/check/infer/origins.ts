import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { isAggregateCall, mapExpr, resolve, resolveQuery } from '../../expr/index.js'
import type {
  Call,
  Expr,
  FromItem,
  Occurrence,
  PlpgsqlStatement,
  ResolveOptions,
  Select,
} from '../../expr/index.js'
import { argumentsOf } from '../../prove/encode/function-arguments.js'
import { lastStatement } from '../../prove/encode/inline.js'
import { parsedBody } from '../../prove/encode/plpgsql-body.js'
import type { LikelyNames } from './name-lookup.js'

/** Where a value comes from: a column of some row, or the context. */
export type Origin =
  | {
      readonly kind: 'column'
      readonly row: number
      readonly relation: Relation
      readonly column: string
    }
  | { readonly kind: 'source'; readonly setting: string; readonly pointer: string | null }
  | { readonly kind: 'constant'; readonly value: string }

/** Two values that a condition compares. */
export interface Equality {
  readonly left: Origin
  readonly right: Origin
}

/** Where names of an expression lead. */
interface Place {
  readonly occurrences: readonly Occurrence[]
  readonly rows: Map<number, FromSource>
  readonly parameters: ReadonlyMap<string, readonly Origin[]>
  readonly depth: number
}

type FromSource =
  | { readonly kind: 'row'; readonly row: number; readonly relation: Relation }
  | { readonly kind: 'columns'; readonly values: readonly (readonly Origin[])[] }

/** The row that a policy's condition is about. */
export const policyRow = 0

const maxDepth = 6
const maxEqualities = 400

/** Follows values through casts, sub-queries and bodies of functions, and collects what is compared. */
export class OriginReader {
  readonly equalities: Equality[] = []
  readonly #catalog: CatalogSnapshot
  readonly #names: LikelyNames
  #rows = 0

  constructor(catalog: CatalogSnapshot, names: LikelyNames) {
    this.#catalog = catalog
    this.#names = names
  }

  /** Reads a policy's condition about one row of a relation. */
  readCondition(relation: Relation, condition: Expr): void {
    const columns = relation.columns.map(({ name }) => name)
    const { schema, name } = relation
    const { node, occurrences } = resolve(condition, {
      lookup: this.#names,
      relations: [{ schema, name, columns }],
    })
    const rows = new Map<number, FromSource>([[0, { kind: 'row', row: this.#rows++, relation }]])
    this.#originsOf(node, { occurrences, rows, parameters: new Map(), depth: 0 })
  }

  /** The origins of an expression's value; whatever it compares on the way is collected. */
  #originsOf(expr: Expr, place: Place): readonly Origin[] {
    const read = (inner: Expr): readonly Origin[] => this.#originsOf(inner, place)
    switch (expr.kind) {
      case 'bound-column':
        return this.#columnOrigins(expr.occurrence, expr.column, place)
      case 'parameter':
        return place.parameters.get(expr.name ?? `$${expr.number}`) ?? []
      case 'cast':
        return read(expr.operand)
      case 'nullif':
        return read(expr.left)
      case 'coalesce':
        return expr.operands.flatMap(read)
      case 'case':
        for (const { when } of expr.branches) read(when)
        return [...expr.branches.map(({ result }) => result), expr.otherwise].flatMap((result) =>
          result === null ? [] : read(result),
        )
      case 'subquery': {
        const [first] = this.#readSelect(expr.select, place)
        return expr.form === 'exists' ? [] : (first ?? [])
      }
      case 'subquery-quantified': {
        const targets = this.#readSelect(expr.select, place)
        const left = expr.left.kind === 'row' ? expr.left.elements.map(read) : [read(expr.left)]
        left.forEach((origins, index) => this.#compare(origins, targets[index] ?? []))
        return []
      }
      case 'array-quantified':
        this.#compare(read(expr.left), read(expr.array))
        return []
      case 'in-list':
        this.#compare(read(expr.operand), expr.items.flatMap(read))
        return []
      case 'distinct-test':
        this.#compare(read(expr.left), read(expr.right))
        return []
      case 'array':
        return expr.elements.flatMap(read)
      case 'operator':
        return this.#operator(expr, read)
      case 'call':
        return this.#call(expr, place)
      default:
        mapExpr(expr, {
          expr: (inner) => {
            read(inner)
            return inner
          },
          select: (select) => {
            this.#readSelect(select, place)
            return select
          },
        })
        return []
    }
  }

  #operator(
    expr: Extract<Expr, { kind: 'operator' }>,
    read: (inner: Expr) => readonly Origin[],
  ): readonly Origin[] {
    const left = expr.left === null ? [] : read(expr.left)
    const right = read(expr.right)
    const { name } = expr.operator
    if (name === '=' || name === '<@' || name === '@>' || name === '&&') this.#compare(left, right)
    const isStep = ['->', '->>', '#>', '#>>'].includes(name)
    const [argument] = right
    const steps =
      isStep && argument?.kind === 'constant'
        ? [argument.value]
        : isStep
          ? stepsOf(expr.right)
          : undefined
    if (steps === undefined) return []
    return left.flatMap((origin) =>
      origin.kind === 'source'
        ? [{ ...origin, pointer: steps.reduce(appended, origin.pointer ?? '') || null }]
        : [],
    )
  }

  #compare(left: readonly Origin[], right: readonly Origin[]): void {
    if (this.equalities.length > maxEqualities) return
    for (const a of left) for (const b of right) this.equalities.push({ left: a, right: b })
  }

  #columnOrigins(occurrence: number, column: string, place: Place): readonly Origin[] {
    const source = place.rows.get(occurrence)
    if (source?.kind === 'row') {
      return [{ kind: 'column', row: source.row, relation: source.relation, column }]
    }
    const names = place.occurrences.find(({ id }) => id === occurrence)?.columns ?? []
    return source?.values[names.indexOf(column)] ?? source?.values[0] ?? []
  }

  #call(call: Call, place: Place): readonly Origin[] {
    const args = call.args.map(({ value }) => this.#originsOf(value, place))
    const { name } = call.function
    const [first] = call.args
    if (name === 'current_setting') {
      const setting = first && constantOf(first.value)
      return setting === undefined
        ? []
        : [{ kind: 'source', setting: setting.toLowerCase(), pointer: null }]
    }
    const fn = this.#names.function(call)
    if (fn === undefined) {
      const isTransparent =
        isAggregateCall(call) || /^(unnest|lower|btrim|jsonb?_array_elements_text)$/.test(name)
      return isTransparent ? args.flat() : []
    }
    if (place.depth >= maxDepth) return []
    const parameters = new Map<string, readonly Origin[]>()
    for (const [index, argument] of (argumentsOf(fn) ?? []).entries()) {
      const at = call.args.findIndex((arg, position) =>
        arg.name === null ? position === index : arg.name === argument.name,
      )
      const origins = args[at] ?? []
      const constant = call.args[at] && constantOf(call.args[at].value)
      const known: readonly Origin[] =
        constant === undefined ? origins : [{ kind: 'constant', value: constant }]
      parameters.set(`$${index + 1}`, known)
      if (argument.name !== null) parameters.set(argument.name, known)
    }
    return this.#bodyOrigins(fn, parameters, place.depth + 1)[0] ?? []
  }

  /** The origins of each column of what a function returns. */
  #bodyOrigins(
    fn: FunctionInfo,
    parameters: Place['parameters'],
    depth: number,
  ): readonly (readonly Origin[])[] {
    if (fn.language === 'plpgsql') {
      const body = parsedBody(fn)
      if (body === undefined) return []
      const variables = new Map(parameters)
      for (const { name, initial } of body.variables) {
        if (initial !== null) variables.set(name, this.#bodyExpr(fn, initial, variables, depth))
      }
      return [this.#runStatements(fn, body.statements, variables, depth)]
    }
    const last = fn.language === 'sql' ? lastStatement(fn) : undefined
    if (last?.kind === 'query') return this.#bodyQuery(fn, last.select, parameters, depth)
    return last?.kind === 'return' ? [this.#bodyExpr(fn, last.value, parameters, depth)] : []
  }

  #runStatements(
    fn: FunctionInfo,
    statements: readonly PlpgsqlStatement[],
    variables: Map<string, readonly Origin[]>,
    depth: number,
  ): readonly Origin[] {
    const add = (name: string, origins: readonly Origin[]): void => {
      variables.set(name, [...(variables.get(name) ?? []), ...origins])
    }
    return statements.flatMap((statement): readonly Origin[] => {
      switch (statement.kind) {
        case 'return':
          return statement.value === null
            ? []
            : this.#bodyExpr(fn, statement.value, variables, depth)
        case 'return-query':
          return this.#bodyQuery(fn, statement.select, variables, depth)[0] ?? []
        case 'assign':
          add(statement.variable, this.#bodyExpr(fn, statement.value, variables, depth))
          return []
        case 'select-into': {
          const targets = this.#bodyQuery(fn, statement.select, variables, depth)
          statement.targets.forEach((name, index) => add(name, targets[index] ?? []))
          return []
        }
        case 'perform':
          this.#bodyQuery(fn, statement.select, variables, depth)
          return []
        case 'if':
          for (const { condition } of statement.branches) {
            this.#bodyExpr(fn, condition, variables, depth)
          }
          return [...statement.branches.map(({ body }) => body), statement.otherwise].flatMap(
            (inner) => this.#runStatements(fn, inner, variables, depth),
          )
        case 'block':
          return this.#runStatements(fn, statement.body, variables, depth)
        case 'raise':
        case 'opaque':
          return []
      }
    })
  }

  #bodyOptions(fn: FunctionInfo, parameters: Place['parameters']): ResolveOptions {
    const names = [...parameters.keys()].filter((name) => !name.startsWith('$'))
    return {
      lookup: this.#names,
      parameters: { functionName: fn.name, names, whenColumn: 'column-wins' },
    }
  }

  #bodyExpr(
    fn: FunctionInfo,
    expr: Expr,
    parameters: Place['parameters'],
    depth: number,
  ): readonly Origin[] {
    const { node, occurrences } = resolve(expr, this.#bodyOptions(fn, parameters))
    return this.#originsOf(node, { occurrences, rows: new Map(), parameters, depth })
  }

  #bodyQuery(
    fn: FunctionInfo,
    select: Select,
    parameters: Place['parameters'],
    depth: number,
  ): readonly (readonly Origin[])[] {
    const { node, occurrences } = resolveQuery(select, this.#bodyOptions(fn, parameters))
    return this.#readSelect(node, { occurrences, rows: new Map(), parameters, depth })
  }

  /** Reads a query; gives the origins of each of its columns. */
  #readSelect(select: Select, place: Place): readonly (readonly Origin[])[] {
    if (select.kind === 'set-operation') {
      const left = this.#readSelect(select.left, place)
      const right = this.#readSelect(select.right, place)
      return left.map((origins, index) => [...origins, ...(right[index] ?? [])])
    }
    if (select.kind !== 'select') return []
    for (const item of select.from) this.#readFrom(item, place)
    if (select.where !== null) this.#originsOf(select.where, place)
    return select.targets.map(({ value }) => this.#originsOf(value, place))
  }

  #readFrom(item: FromItem, place: Place): void {
    if (item.kind === 'opaque') return
    if (item.kind === 'join') {
      this.#readFrom(item.left, place)
      this.#readFrom(item.right, place)
      if (item.on !== null) this.#originsOf(item.on, place)
      for (const name of item.using) this.#compareShared(name, item, place)
      return
    }
    if (item.occurrence === null) return
    const entry = place.occurrences.find(({ id }) => id === item.occurrence)
    if (item.kind === 'function') {
      const values = item.call.kind === 'call' ? this.#setOrigins(item.call, place) : []
      place.rows.set(item.occurrence, { kind: 'columns', values })
      return
    }
    const inner = item.kind === 'subselect' ? item.select : item.cte ? entry?.select : undefined
    if (inner) {
      place.rows.set(item.occurrence, { kind: 'columns', values: this.#readSelect(inner, place) })
      return
    }
    const relation = findRelation(this.#catalog, entry?.schema ?? '', entry?.name ?? '')
    if (relation !== undefined) {
      place.rows.set(item.occurrence, { kind: 'row', row: this.#rows++, relation })
    }
  }

  #setOrigins(call: Call, place: Place): readonly (readonly Origin[])[] {
    const fn = this.#names.function(call)
    if (fn === undefined || fn.language !== 'sql' || call.args.length > 0) {
      return [this.#originsOf(call, place)]
    }
    return place.depth >= maxDepth ? [] : this.#bodyOrigins(fn, new Map(), place.depth + 1)
  }

  #compareShared(name: string, item: Extract<FromItem, { kind: 'join' }>, place: Place): void {
    const [left, right] = [item.left, item.right].map((side) => {
      const source = side.kind === 'table' ? place.rows.get(side.occurrence ?? -1) : undefined
      return source?.kind === 'row' && source.relation.columns.some((c) => c.name === name)
        ? [{ ...source, kind: 'column' as const, column: name }]
        : []
    })
    this.#compare(left ?? [], right ?? [])
  }
}

function constantOf(expr: Expr): string | undefined {
  if (expr.kind === 'cast') return constantOf(expr.operand)
  return expr.kind === 'literal' && expr.type === 'string' ? expr.value : undefined
}

/** The keys of a JSON path that is written out. */
function stepsOf(expr: Expr): readonly string[] | undefined {
  const text = constantOf(expr)
  if (text === undefined) return undefined
  return text.startsWith('{') ? text.replace(/[{}"]/g, '').split(',').filter(Boolean) : [text]
}

function appended(pointer: string, step: string): string {
  return `${pointer}/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
