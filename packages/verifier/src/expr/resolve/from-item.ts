import type { Alias, FromItem, FunctionItem, SubselectItem, TableItem } from '../ir/select.js'
import { functionColumns } from './function-columns.js'
import { resolveJoin } from './join.js'
import type { Occurrence } from './resolution.js'
import { findCte } from './scope.js'
import type { Scope, ScopeItem } from './scope.js'
import { addOccurrence, addProblem } from './session.js'
import type { ResolvedFrom, Session } from './session.js'

/** Resolves an entry of FROM; `before` are the items to its left, which LATERAL sees. */
export function resolveFromItem(
  item: FromItem,
  scope: Scope,
  before: readonly ScopeItem[],
  session: Session,
): ResolvedFrom {
  switch (item.kind) {
    case 'opaque':
      return { item, items: [openItem], columns: [], open: true }
    case 'table':
      return resolveTable(item, scope, session)
    case 'subselect':
      return resolveSubselect(item, scope, before, session)
    case 'function':
      return resolveFunction(item, scope, before, session)
    case 'join':
      return resolveJoin(item, scope, before, session)
  }
}

const openItem: ScopeItem = {
  name: null,
  schema: null,
  columns: [],
  open: true,
  bare: true,
  occurrence: null,
  system: false,
}

function resolveTable(item: TableItem, scope: Scope, session: Session): ResolvedFrom {
  const alias = item.alias?.name ?? item.name
  const cte = item.schema === null ? findCte(scope, item.name) : undefined
  if (cte !== undefined) {
    const occurrence = addOccurrence(session, {
      kind: cte.select === null ? 'recursive-cte' : 'cte',
      schema: null,
      name: item.name,
      alias,
      columns: renamed(cte.columns, item.alias),
      select: cte.select,
    })
    return shown({ ...item, occurrence: occurrence.id, cte: true }, occurrence)
  }
  const relation = session.lookup.relation({ schema: item.schema, name: item.name })
  if (relation === null) {
    addProblem(session, 'unknown-relation', `no relation is called ${item.name}`)
  }
  const columns = renamed(relation?.columns ?? null, item.alias)
  const occurrence = addOccurrence(session, {
    kind: 'relation',
    schema: relation?.schema ?? item.schema,
    name: item.name,
    alias,
    columns,
    select: null,
  })
  const schema = item.alias === null ? occurrence.schema : null
  return shown({ ...item, occurrence: occurrence.id }, occurrence, {
    schema,
    system: true,
    // INVARIANT: an alias list renames what is seen; bindings keep the relation's own names.
    own: relation?.columns ?? null,
  })
}

function resolveSubselect(
  item: SubselectItem,
  scope: Scope,
  before: readonly ScopeItem[],
  session: Session,
): ResolvedFrom {
  const inner = session.select(item.select, item.lateral ? lateralScope(scope, before) : scope)
  const occurrence = addOccurrence(session, {
    kind: 'subselect',
    schema: null,
    name: '',
    alias: item.alias?.name ?? '',
    columns: renamed(inner.columns, item.alias),
    select: inner.select,
  })
  return shown({ ...item, select: inner.select, occurrence: occurrence.id }, occurrence)
}

function resolveFunction(
  item: FunctionItem,
  scope: Scope,
  before: readonly ScopeItem[],
  session: Session,
): ResolvedFrom {
  // A function sees the items to its left without LATERAL (manual, section 7.2.1.5).
  const call = session.expr(item.call, lateralScope(scope, before))
  const { columns, complete } = functionColumns(item, session.lookup)
  const name = call.kind === 'call' ? call.function.name : call.kind
  const occurrence = addOccurrence(session, {
    kind: 'function',
    schema: null,
    name,
    alias: item.alias?.name ?? name,
    columns: complete ? columns : null,
    select: null,
  })
  const shownItem = shown({ ...item, call, occurrence: occurrence.id }, { ...occurrence, columns })
  if (complete) return shownItem
  return {
    ...shownItem,
    open: true,
    items: shownItem.items.map((shown) => ({ ...shown, open: true })),
  }
}

function lateralScope(scope: Scope, before: readonly ScopeItem[]): Scope {
  return { items: before, ctes: [], outer: scope }
}

function renamed(columns: readonly string[] | null, alias: Alias | null): readonly string[] | null {
  return columns?.map((name, index) => alias?.columns[index] ?? name) ?? null
}

interface Shown {
  readonly schema?: string | null
  readonly system?: boolean
  readonly own?: readonly string[] | null
}

function shown(
  item: FromItem,
  occurrence: Occurrence,
  { schema = null, system = false, own = occurrence.columns }: Shown = {},
): ResolvedFrom {
  const columns = (occurrence.columns ?? []).map((name, index) => ({
    name,
    binding: {
      kind: 'column' as const,
      occurrence: occurrence.id,
      column: own?.[index] ?? name,
    },
  }))
  const open = occurrence.columns === null
  const name = occurrence.alias === '' ? null : occurrence.alias
  return {
    item,
    columns,
    open,
    items: [{ name, schema, columns, open, bare: true, occurrence: occurrence.id, system }],
  }
}
