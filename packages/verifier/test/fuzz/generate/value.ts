import { leaf, node } from '../expression.js'
import type { Node } from '../expression.js'
import { one, weighted } from '../numbers.js'
import type { Kind } from '../world.js'
import { inside, newAlias, settingsOf } from './maker.js'
import type { Maker } from './maker.js'
import { castTypes, literals, quoted } from './vocabulary.js'

const scalars: readonly Kind[] = [
  'text',
  'int',
  'uuid',
  'enum',
  'name',
  'citext',
  'bpchar',
  'numeric',
  'loose',
]

/** A kind of value that there is a name for, mostly the tenant's. */
export function someKind(maker: Maker): Kind {
  const named = maker.references.map(({ kind }) => kind).filter((kind) => scalars.includes(kind))
  return weighted(maker.pick, [
    [3, maker.tenantKind],
    [3, 'text'],
    [3, 'int'],
    [1, one(maker.pick, [...named, 'text'])],
  ])
}

/** The text of the context's tenant (or, of a membership context, of its user). */
export function contextText(maker: Maker): Node {
  const { pick, context } = maker
  switch (context.kind) {
    case 'jwt-claims':
      return one(pick, [
        leaf(
          'text',
          `((nullif(current_setting('{w}.claims', true), '')::jsonb -> 'app') ->> 'tenant')`,
        ),
        leaf('text', `(nullif(current_setting('{w}.claims', true), '')::jsonb #>> '{app,tenant}')`),
        leaf('text', `(current_setting('{w}.claims', true)::jsonb -> 'app' ->> 'tenant')`),
        leaf(
          'text',
          `jsonb_extract_path_text(nullif(current_setting('{w}.claims', true), '')::jsonb, 'app', 'tenant')`,
        ),
      ])
    case 'membership':
      return leaf('text', `current_setting('{w}.user', true)`)
    default:
      return one(pick, [
        leaf('text', `nullif(current_setting('{w}.tenant', true), '')`),
        leaf('text', `current_setting('{w}.tenant', true)`),
        leaf('text', `current_setting('{w}.tenant')`),
      ])
  }
}

/** An expression of a kind. */
export function value(maker: Maker, kind: Kind, depth: number): Node {
  const { pick } = maker
  const again = (): Node => value(maker, kind, depth - 1)
  const make = node(kind)
  if (depth <= 0) return simple(maker, kind)
  return weighted<() => Node>(pick, [
    [8, () => simple(maker, kind)],
    [2, () => make`coalesce(${again()}, ${again()})`],
    [1, () => make`nullif(${again()}, ${again()})`],
    [
      1,
      () =>
        make`case when ${maker.grammar.condition(maker, depth - 1)} then ${again()} else ${again()} end`,
    ],
    [2, () => looked(maker, kind, depth) ?? again()],
    [2, () => called(maker, kind, depth) ?? again()],
    [1, () => cast(maker, kind, depth)],
  ])()
}

function simple(maker: Maker, kind: Kind): Node {
  const { pick } = maker
  const named = maker.references.filter((reference) => reference.kind === kind)
  const literal = (): Node => leaf(kind, `${quoted(one(pick, literals[kind]))}::${castTypes[kind]}`)
  const forms: (readonly [number, () => Node])[] = [[2, literal]]
  if (named.length > 0) forms.push([5, () => leaf(kind, one(pick, named).sql)])
  if (kind === maker.tenantKind && maker.context.kind !== 'membership') {
    forms.push([4, () => node(kind)`${contextText(maker)}::${castTypes[kind]}`])
  }
  if (kind === 'text') {
    const setting = one(pick, settingsOf(maker.context))
    forms.push([2, () => leaf('text', `current_setting('${setting}', true)`)])
    forms.push([2, () => leaf('text', `nullif(current_setting('${setting}', true), '')`)])
  }
  if (kind === 'json') {
    forms.push([1, () => leaf('json', `nullif(current_setting('{w}.claims', true), '')::jsonb`)])
  }
  return weighted(pick, forms)()
}

/** A value that another kind turns into. */
function cast(maker: Maker, kind: Kind, depth: number): Node {
  const { pick } = maker
  const from = (other: Kind): Node => value(maker, other, depth - 1)
  switch (kind) {
    case 'text':
      return weighted<() => Node>(pick, [
        [9, () => node('text')`(${from(someKind(maker))})::text`],
        [3, () => node('text')`(${from('json')} ->> 'k')`],
        [1, () => node('text')`(${from('json')} #>> '{o,p}')`],
        [1, () => node('text')`lower(${from('text')})`],
        [1, () => node('text')`(${from('text')})::varchar(1)::text`],
        [1, () => node('text')`(${from('text')} || ${from('text')})`],
        [1, () => leaf('text', one(pick, ['current_user::text', 'session_user::text']))],
      ])()
    case 'int':
      return weighted<() => Node>(pick, [
        [2, () => node('int')`(${from('int')} ${one(pick, ['+', '-'])} ${from('int')})`],
        [1, () => node('int')`(${from('int')})::bigint`],
        [1, () => node('int')`(${from('numeric')})::int`],
        [1, () => node('int')`length(${from('text')})`],
        [1, () => leaf('int', `nullif(current_setting('{w}.other', true), '')::int`)],
      ])()
    case 'json':
      return node('json')`(${from('json')} -> 'o')`
    case 'uuid':
    case 'enum':
    case 'name':
    case 'citext':
    case 'bpchar':
    case 'numeric':
      return pick(4) === 0
        ? node(kind)`(${simple(maker, 'text')})::${castTypes[kind]}`
        : node(kind)`(${contextText(maker)})::${castTypes[kind]}`
    default:
      return simple(maker, kind)
  }
}

/** `(select column from table …)`. */
function looked(maker: Maker, kind: Kind, depth: number): Node | undefined {
  const { pick } = maker
  if (maker.tables.length === 0) return undefined
  const table = one(pick, maker.tables)
  const column = table.columns.find((entry) => entry.kind === kind)
  if (column === undefined) return undefined
  const alias = newAlias(maker)
  const inner = inside(maker, table, alias)
  const where =
    pick(2) === 0
      ? leaf('bool', `${alias}.id = ${pick(4)}`)
      : maker.grammar.condition(inner, Math.min(1, depth - 1))
  const end = pick(3) > 0 ? ` order by ${alias}.id limit 1` : ''
  return node(
    kind,
  )`(select ${alias}.${column.name} from {s}.${table.name} ${alias} where ${where}${end})`
}

/** A call of one of the world's functions. */
export function called(maker: Maker, kind: Kind, depth: number): Node | undefined {
  const fitting = maker.functions.filter((fn) => fn.returns === kind && !fn.returnsSet)
  if (fitting.length === 0) return undefined
  const fn = one(maker.pick, fitting)
  const parts = fn.parameters.flatMap((parameter, index) => [
    index === 0 ? '' : ', ',
    value(maker, parameter, depth - 2),
  ])
  const call: Node = { kind, parts: [`{s}.${fn.name}(`, ...parts, ')'] }
  return maker.pick(3) === 0 ? node(kind)`(select ${call})` : call
}
