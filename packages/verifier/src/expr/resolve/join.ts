import type { JoinItem } from '../ir/select.js'
import type { Binding, Scope, ScopeColumn, ScopeItem } from './scope.js'
import { addProblem } from './session.js'
import type { ResolvedFrom, Session } from './session.js'

/** A join: its ON sees both sides; its own columns take the place of those of its sides. */
export function resolveJoin(
  join: JoinItem,
  scope: Scope,
  before: readonly ScopeItem[],
  session: Session,
): ResolvedFrom {
  const left = session.fromItem(join.left, scope, before)
  const right = session.fromItem(join.right, scope, [...before, ...left.items])
  const sides = [...left.items, ...right.items]
  const on =
    join.on === null ? null : session.expr(join.on, { items: sides, ctes: [], outer: scope })
  const open = left.open || right.open
  const shared = join.natural ? commonNames(left, right, session) : join.using
  const merged = shared.flatMap((name) => mergedColumn(name, join, left, right, session))
  const rest = [...left.columns, ...right.columns].filter(({ name }) => !shared.includes(name))
  const columns = [...merged, ...rest].map((column, index) => ({
    ...column,
    name: join.alias?.columns[index] ?? column.name,
  }))
  const item = { ...join, left: left.item, right: right.item, on }
  const self = { schema: null, open, occurrence: null, system: false }
  const whole: ScopeItem = { ...self, name: join.alias?.name ?? null, columns, bare: true }
  if (join.alias !== null) return { item, items: [whole], columns, open }
  const hidden = sides.map((side) => ({ ...side, bare: false }))
  const byUsing: readonly ScopeItem[] =
    join.usingAlias === null
      ? []
      : [{ ...self, name: join.usingAlias, columns: merged, bare: false, open: false }]
  return { item, items: [whole, ...hidden, ...byUsing], columns, open }
}

function commonNames(left: ResolvedFrom, right: ResolvedFrom, session: Session): string[] {
  if (left.open || right.open) {
    addProblem(session, 'unknown-columns', 'a NATURAL JOIN of unknown columns')
  }
  const names = new Set(right.columns.map(({ name }) => name))
  return left.columns.map(({ name }) => name).filter((name) => names.has(name))
}

function mergedColumn(
  name: string,
  join: JoinItem,
  left: ResolvedFrom,
  right: ResolvedFrom,
  session: Session,
): readonly ScopeColumn[] {
  const [onLeft, onRight] = [left, right].map(({ columns }) =>
    columns.find((column) => column.name === name),
  )
  if (onLeft === undefined || onRight === undefined) {
    addProblem(session, 'unknown-column', `${name} is not a column of both sides of a join`)
    return []
  }
  return [{ name, binding: mergedBinding(join.type, onLeft.binding, onRight.binding) }]
}

function mergedBinding(type: JoinItem['type'], left: Binding, right: Binding): Binding {
  if (type === 'full') return { kind: 'merged', left, right }
  return type === 'right' ? right : left
}
