import { bool, leaf, node } from '../expression.js'
import type { Node } from '../expression.js'
import { one, weighted } from '../numbers.js'
import { condition } from './condition.js'
import { inside, newAlias } from './maker.js'
import type { Maker, ReadableTable } from './maker.js'
import type { Kind } from '../world.js'
import { value } from './value.js'

const query = node('query')

/** A condition that looks for rows; undefined where there is no table to look into. */
export function search(maker: Maker, depth: number): Node | undefined {
  const { pick } = maker
  if (maker.tables.length === 0) return undefined
  const not = (): string => (pick(4) === 0 ? 'not ' : '')
  return weighted<() => Node>(pick, [
    [5, () => bool`${not()}exists (${rows(maker, depth, null)})`],
    [4, () => among(maker, depth, (left, inner) => bool`${left} ${not()}in (${inner})`)],
    [2, () => among(maker, depth, (left, inner) => bool`${left} = any (${inner})`)],
    [1, () => among(maker, depth, (left, inner) => bool`${left} <> all (${inner})`)],
    [1, () => among(maker, depth, (left, inner) => bool`${left} = any (array(${inner}))`)],
    [
      1,
      () =>
        among(maker, depth, (left, inner) => bool`${left} is not distinct from (${inner} limit 1)`),
    ],
    [1, () => counted(maker, depth)],
    [1, () => both(maker, depth)],
    [2, () => ofSet(maker, depth) ?? bool`exists (${rows(maker, depth, null)})`],
  ])()
}

function among(maker: Maker, depth: number, make: (left: Node, inner: Node) => Node): Node {
  const kind = maker.pick(3) > 0 ? maker.tenantKind : 'int'
  return make(value(maker, kind, Math.min(1, depth - 1)), rows(maker, depth, kind))
}

function counted(maker: Maker, depth: number): Node {
  const { name, alias, inner } = opened(maker)
  return bool`(select count(*) from {s}.${name} ${alias} where ${condition(inner, depth - 1)}) > ${String(maker.pick(2))}`
}

function both(maker: Maker, depth: number): Node {
  const { table, name, alias } = opened(maker)
  const tenant = columnOf(maker, table, maker.tenantKind)
  const left = value(maker, maker.tenantKind, 0)
  const where = condition(inside(maker, table, alias), depth - 2)
  return bool`(${left}, ${value(maker, 'int', 0)}) in (select ${alias}.${tenant}, ${alias}.id from {s}.${name} ${alias} where ${where})`
}

function ofSet(maker: Maker, depth: number): Node | undefined {
  const sets = maker.functions.filter((fn) => fn.returnsSet)
  if (sets.length === 0) return undefined
  const fn = one(maker.pick, sets)
  const left = value(maker, fn.returns, Math.min(1, depth - 1))
  const form =
    maker.pick(2) === 0 ? `select {s}.${fn.name}()` : `select y.* from {s}.${fn.name}() y`
  return maker.pick(4) === 0 ? bool`${left} not in (${form})` : bool`${left} in (${form})`
}

interface Opened {
  readonly table: ReadableTable
  readonly name: string
  readonly alias: string
  readonly inner: Maker
}

function opened(maker: Maker): Opened {
  const table = one(maker.pick, maker.tables)
  const alias = newAlias(maker)
  return { table, name: table.name, alias, inner: inside(maker, table, alias) }
}

function columnOf(maker: Maker, table: ReadableTable, kind: Kind): string {
  const found = table.columns.filter((column) => column.kind === kind)
  return found.length === 0 ? 'id' : one(maker.pick, found).name
}

/** A query; with a kind, of one column of that kind. */
function rows(maker: Maker, depth: number, kind: Kind | null): Node {
  const { pick } = maker
  const [a, b] = [opened(maker), opened(maker)]
  const inner = inside(a.inner, b.table, b.alias)
  const target = (from: Opened): string =>
    kind === null ? '1' : `${from.alias}.${columnOf(maker, from.table, kind)}`
  const joined = (join: string): string =>
    `{s}.${a.name} ${a.alias} ${join} {s}.${b.name} ${b.alias}`
  const on = (): Node => linked(inner, a, b)
  const where = (): Node => guarded(a.inner, a, depth)
  const whereBoth = (): Node => condition(inner, depth - 2)
  return weighted<() => Node>(pick, [
    [10, () => query`select ${target(a)} from {s}.${a.name} ${a.alias} where ${where()}`],
    [3, () => query`select ${target(b)} from ${joined('join')} on ${on()} where ${where()}`],
    [
      1,
      () => query`select ${target(b)} from ${joined('left join')} on ${on()} where ${whereBoth()}`,
    ],
    [
      1,
      () => query`select ${target(a)} from ${joined('right join')} on ${on()} where ${whereBoth()}`,
    ],
    [
      1,
      () => query`select ${target(a)} from ${joined('full join')} on ${on()} where ${whereBoth()}`,
    ],
    [1, () => query`select ${target(a)} from ${joined('join')} using (id) where ${where()}`],
    [1, () => query`select ${target(a)} from ${joined('cross join')} where ${whereBoth()}`],
    [
      1,
      () =>
        query`select ${target(a)} from {s}.${a.name} ${a.alias}, lateral (select * from {s}.${b.name} ${b.alias} where ${on()}) ${b.alias} where ${whereBoth()}`,
    ],
    [
      1,
      () =>
        query`with c as (select * from {s}.${a.name} ${a.alias} where ${where()}) select ${target({ ...a, alias: 'c' })} from c`,
    ],
    [
      1,
      () =>
        query`select ${target(a)} from {s}.${a.name} ${a.alias} where ${where()} union select ${target(b)} from {s}.${b.name} ${b.alias} where ${guarded(b.inner, b, depth)}`,
    ],
    [
      1,
      () =>
        query`select ${target(a)} from {s}.${a.name} ${a.alias} where ${where()} except select ${target(b)} from {s}.${b.name} ${b.alias} where ${guarded(b.inner, b, depth)}`,
    ],
    [1, () => query`select distinct ${target(a)} from {s}.${a.name} ${a.alias} where ${where()}`],
    [1, () => grouped(a, kind, target(a), where())],
  ])()
}

/** Without rows a query with HAVING alone still has one. */
function grouped(a: Opened, kind: Kind | null, target: string, where: Node): Node {
  const from = `from {s}.${a.name} ${a.alias}`
  const plain = a.inner.pick(2) === 0
  if (kind !== null) {
    const shown = plain ? target : `min(${target}::text)::${target === '1' ? 'int' : 'text'}`
    return plain
      ? query`select ${shown} ${from} where ${where} group by ${target}`
      : query`select ${target} ${from} where ${where} group by ${target} having count(*) > 0`
  }
  return plain
    ? query`select 1 ${from} where ${where} having ${one(a.inner.pick, ['true', 'count(*) > 0', 'count(*) = 0'])}`
    : query`select 1 ${from} where ${where} group by ()`
}

function linked(inner: Maker, a: Opened, b: Opened): Node {
  const same = a.table.columns.filter(({ name, kind }) =>
    b.table.columns.some((other) => other.name === name && other.kind === kind),
  )
  const { name } = one(inner.pick, same)
  const link = leaf('bool', `${a.alias}.${name} = ${b.alias}.${name}`)
  return inner.pick(4) === 0 ? bool`${link} and ${condition(inner, 0)}` : link
}

/** Mostly the row that belongs to the tenant or user at hand. */
function guarded(inner: Maker, { alias, table }: Opened, depth: number): Node {
  const { pick } = inner
  const tenant = columnOf(inner, table, inner.tenantKind)
  const outer = inner.references.find(
    ({ sql, kind }) => kind === inner.tenantKind && !sql.startsWith(`${alias}.`),
  )
  const link = outer === undefined ? null : leaf('bool', `${alias}.${tenant} = ${outer.sql}`)
  const mine = leaf('bool', `${alias}.user_id = current_setting('{w}.user', true)`)
  const hasUser = table.columns.some(({ name }) => name === 'user_id')
  return weighted<() => Node>(pick, [
    [2, () => condition(inner, depth - 2)],
    [link === null ? 0 : 2, () => bool`${link ?? mine} and ${condition(inner, depth - 2)}`],
    [hasUser ? 2 : 0, () => bool`${mine} and ${condition(inner, depth - 2)}`],
    [link === null || !hasUser ? 0 : 2, () => bool`${link ?? mine} and ${mine}`],
  ])()
}
