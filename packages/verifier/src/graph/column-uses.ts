import type { Relation } from 'watertight/catalog'
import type { GraphNames } from './graph-names.js'
import { meant } from './statement-effects.js'
import type { StatementEffects } from './statement-effects.js'

/** Relations by the names that statements write. */
export type NamedRelations = Pick<GraphNames, 'relationsNamed'>

/** What statements do with the columns of a relation. */
export interface RelationUse {
  readonly relation: Relation
  readonly reads: ReadonlySet<string>
  readonly inserts: ReadonlySet<string>
  readonly updates: ReadonlySet<string>
  readonly deletes: boolean
}

/** Columns by relation, and forms of a statement whose columns are not told apart. */
export interface ColumnUses {
  readonly relations: readonly RelationUse[]
  readonly unread: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>
type Range = { readonly name: string; readonly relation: Relation }
type Use = { reads: Set<string>; inserts: Set<string>; updates: Set<string>; deletes: boolean }

interface Uses {
  readonly ranges: Range[]
  readonly found: Map<Relation, Use>
  readonly unread: Set<string>
}

/** Statements that write what no list of columns says. */
const wholeWrites: Readonly<Record<string, string>> = {
  MergeStmt: 'MERGE',
  TruncateStmt: 'TRUNCATE',
  CopyStmt: 'COPY',
}

/**
 * Which columns statements read and write, by the relations that they name. Where a name may mean
 * columns of several relations it is counted for each: that is one too many rather than one too few.
 */
export function columnUses(effects: StatementEffects, names: NamedRelations): ColumnUses {
  const uses: Uses = { ranges: [], found: new Map(), unread: new Set() }
  for (const statement of effects.statements) addRanges(statement, uses, names)
  for (const statement of effects.statements) visit(statement, uses, names)
  return {
    relations: [...uses.found].map(([relation, use]) => ({ relation, ...use })),
    unread: [...uses.unread],
  }
}

function addRanges(node: unknown, uses: Uses, names: NamedRelations): void {
  if (Array.isArray(node)) for (const item of node) addRanges(item, uses, names)
  if (!isFields(node)) return
  const alias = isFields(node['alias']) ? node['alias']['aliasname'] : undefined
  for (const relation of relationsOf(node, names)) {
    useOf(uses, relation)
    const name = typeof alias === 'string' ? alias : relation.name
    uses.ranges.push({ name, relation })
    if (isFields(node['alias']) && node['alias']['colnames'] !== undefined) {
      uses.unread.add('renamed columns')
    }
  }
  for (const value of Object.values(node)) addRanges(value, uses, names)
}

function relationsOf(node: Fields, names: NamedRelations): readonly Relation[] {
  if (typeof node['relname'] !== 'string') return []
  const schema = typeof node['schemaname'] === 'string' ? node['schemaname'] : null
  return meant({ schema, name: node['relname'] }, names.relationsNamed)
}

function useOf(uses: Uses, relation: Relation): Use {
  const known = uses.found.get(relation)
  if (known !== undefined) return known
  const made = {
    reads: new Set<string>(),
    inserts: new Set<string>(),
    updates: new Set<string>(),
    deletes: false,
  }
  uses.found.set(relation, made)
  return made
}

function visit(node: unknown, uses: Uses, names: NamedRelations): void {
  if (Array.isArray(node)) for (const item of node) visit(item, uses, names)
  if (!isFields(node)) return
  for (const [key, value] of Object.entries(node)) {
    if (key === 'ColumnRef' && isFields(value)) addReference(value, uses)
    else if (isFields(value)) addStatement(key, value, uses, names)
    visit(value, uses, names)
  }
}

function addStatement(kind: string, statement: Fields, uses: Uses, names: NamedRelations): void {
  const whole = wholeWrites[kind]
  if (whole !== undefined) uses.unread.add(whole)
  if (kind === 'JoinExpr') {
    if (statement['isNatural'] === true) uses.unread.add('NATURAL JOIN')
    if (isFields(statement['alias']) || isFields(statement['join_using_alias'])) {
      uses.unread.add('a name for a join')
    }
    for (const column of stringsOf(statement['usingClause'])) addRead([column], false, uses)
  }
  if (kind === 'LockingClause') uses.unread.add('FOR UPDATE or FOR SHARE')
  if (!['InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(kind)) return
  for (const relation of targetsOf(statement, names)) {
    const use = useOf(uses, relation)
    if (kind === 'DeleteStmt') use.deletes = true
    else if (kind === 'UpdateStmt') addAll(use.updates, targetNames(statement['targetList']))
    else addInsert(statement, use, relation)
  }
}

function addInsert(statement: Fields, use: Use, relation: Relation): void {
  const columns = targetNames(statement['cols'])
  const all = relation.columns.map(({ name }) => name)
  addAll(use.inserts, columns.length > 0 ? columns : all)
  const conflict = statement['onConflictClause']
  if (!isFields(conflict)) return
  addAll(use.updates, targetNames(conflict['targetList']))
  const infer = isFields(conflict['infer']) ? conflict['infer'] : {}
  for (const element of list(infer['indexElems'])) {
    const index = isFields(element) && isFields(element['IndexElem']) ? element['IndexElem'] : {}
    if (typeof index['name'] === 'string') use.reads.add(index['name'])
  }
}

function targetsOf(statement: Fields, names: NamedRelations): readonly Relation[] {
  const target = statement['relation']
  if (!isFields(target)) return []
  const inner = target['RangeVar']
  return relationsOf(isFields(inner) ? inner : target, names)
}

function targetNames(targets: unknown): readonly string[] {
  return list(targets).flatMap((item) => {
    const target = isFields(item) && isFields(item['ResTarget']) ? item['ResTarget'] : {}
    return typeof target['name'] === 'string' ? [target['name']] : []
  })
}

function addReference(reference: Fields, uses: Uses): void {
  const fields = list(reference['fields'])
  const last = fields.at(-1)
  addRead(stringsOf(fields), isFields(last) && last['A_Star'] !== undefined, uses)
}

/** `column`, `table.column`, `table.*`, `*`, or a whole row by the name of its table. */
function addRead(parts: readonly string[], isStar: boolean, uses: Uses): void {
  const qualifier = isStar ? parts.at(-1) : parts.at(-2)
  const column = isStar ? undefined : parts.at(-1)
  for (const { name, relation } of uses.ranges) {
    const { reads } = useOf(uses, relation)
    const isWhole = isStar || (qualifier === undefined && column === name)
    if (qualifier !== undefined && qualifier !== name && qualifier !== relation.name) continue
    if (isWhole) addAll(reads, columnNames(relation))
    else if (column !== undefined && columnNames(relation).includes(column)) reads.add(column)
    // System columns such as `ctid` and `tableoid` tell of a row, too.
    else if (column !== undefined && qualifier !== undefined) reads.add(column)
  }
}

function columnNames(relation: Relation): readonly string[] {
  return relation.columns.map(({ name }) => name)
}

function addAll(set: Set<string>, items: readonly string[]): void {
  for (const item of items) set.add(item)
}

function stringsOf(nodes: unknown): readonly string[] {
  return list(nodes).flatMap((node) => {
    const string = isFields(node) ? node['String'] : undefined
    return isFields(string) && typeof string['sval'] === 'string' ? [string['sval']] : []
  })
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
