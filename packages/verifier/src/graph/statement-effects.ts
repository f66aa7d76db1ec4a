import type { SchemaObject } from './object-name.js'

/** A name as a statement writes it; `schema` is null when it leaves that to `search_path`. */
export interface WrittenName {
  readonly schema: string | null
  readonly name: string
}

/** What statements do, by the names that they write. */
export interface StatementEffects {
  readonly reads: WrittenName[]
  readonly writes: WrittenName[]
  readonly calls: WrittenName[]
  /** What cannot be read from the text. */
  readonly opaque: string[]
  /** The statements themselves, as nodes of PostgreSQL's syntax tree. */
  readonly statements: unknown[]
}

/** Statements that say by themselves what they touch. */
const readable: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CallStmt',
  'TruncateStmt',
  'LockStmt',
  'CopyStmt',
  'NotifyStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'ReturnStmt',
  'RuleStmt',
  'TransactionStmt',
  'RefreshMatViewStmt',
])

/** Functions of PostgreSQL and its extensions that run what their argument says. */
const runsText: ReadonlySet<string> = new Set([
  'connectby',
  'crosstab',
  'cursor_to_xml',
  'database_to_xml',
  'dblink',
  'dblink_exec',
  'dblink_open',
  'dblink_send_query',
  'query_to_xml',
  'query_to_xml_and_xmlschema',
  'query_to_xmlschema',
  'schema_to_xml',
  'table_to_xml',
  'ts_stat',
])

/** Statements whose `relation` is changed; those that also read it, for their condition. */
const changes: Readonly<Record<string, 'write' | 'both'>> = {
  InsertStmt: 'write',
  UpdateStmt: 'both',
  DeleteStmt: 'both',
  MergeStmt: 'both',
  TruncateStmt: 'write',
}

type Fields = Readonly<Record<string, unknown>>

/** No effects yet. */
export function noEffects(): StatementEffects {
  return { reads: [], writes: [], calls: [], opaque: [], statements: [] }
}

/**
 * Adds what a statement of PostgreSQL's syntax tree reads, changes and calls. Names of common table
 * expressions are among the reads: that is one too many rather than one too few.
 */
export function addStatement(statement: unknown, effects: StatementEffects): void {
  const [kind = 'nothing'] = isFields(statement) ? Object.keys(statement) : []
  if (!readable.has(kind)) effects.opaque.push(`a ${kind}`)
  effects.statements.push(statement)
  visit(statement, effects)
}

function visit(node: unknown, effects: StatementEffects): void {
  if (Array.isArray(node)) for (const item of node) visit(item, effects)
  if (!isFields(node)) return
  for (const [key, value] of Object.entries(node)) {
    const change = Object.hasOwn(changes, key) ? changes[key] : undefined
    if (change !== undefined && isFields(value)) addChange(value, change, effects)
    else if (key === 'CopyStmt' && isFields(value)) addCopy(value, effects)
    else if (key === 'funcname') addCall(value, effects)
    else if (key === 'RuleStmt' && isFields(value)) {
      // The relation of the rule itself is no effect of it.
      visit([value['actions'], value['whereClause']], effects)
    } else if (key === 'intoClause' || key === 'into') {
      // Makes a table of its own, or fills a variable.
    } else visit(value, effects)
  }
  const name = rangeName(node)
  if (name !== null) effects.reads.push(name)
}

function addChange(statement: Fields, change: 'write' | 'both', effects: StatementEffects): void {
  const { relation, relations, ...rest } = statement
  const targets: readonly unknown[] = Array.isArray(relations) ? relations : [relation]
  for (const target of targets) {
    const name = rangeName(isFields(target) ? (target['RangeVar'] ?? target) : undefined)
    if (name === null) continue
    effects.writes.push(name)
    if (change === 'both') effects.reads.push(name)
  }
  visit(rest, effects)
}

function addCopy(statement: Fields, effects: StatementEffects): void {
  const name = rangeName(statement['relation'])
  if (name !== null) (statement['is_from'] === true ? effects.writes : effects.reads).push(name)
  visit(statement['query'], effects)
}

function addCall(value: unknown, effects: StatementEffects): void {
  const parts = (Array.isArray(value) ? value : []).map((part: unknown) => {
    const string = isFields(part) ? part['String'] : undefined
    return isFields(string) && typeof string['sval'] === 'string' ? string['sval'] : ''
  })
  const name = parts.at(-1)
  if (name === undefined) return
  effects.calls.push({ schema: parts.length > 1 ? (parts.at(-2) ?? null) : null, name })
  if (runsText.has(name)) effects.opaque.push(`SQL that ${name}() puts together`)
}

function rangeName(node: unknown): WrittenName | null {
  if (!isFields(node) || typeof node['relname'] !== 'string') return null
  const schema = node['schemaname']
  return { schema: typeof schema === 'string' ? schema : null, name: node['relname'] }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every object that a written name may mean: without a schema, whatever has the name. */
export function meant<T extends SchemaObject>(
  name: WrittenName,
  byName: ReadonlyMap<string, readonly T[]>,
): readonly T[] {
  const candidates = byName.get(name.name) ?? []
  return name.schema === null
    ? candidates
    : candidates.filter(({ schema }) => schema === name.schema)
}
