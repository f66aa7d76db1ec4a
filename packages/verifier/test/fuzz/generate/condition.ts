import { bool, leaf } from '../expression.js'
import type { Node } from '../expression.js'
import { one, weighted } from '../numbers.js'
import type { Kind } from '../world.js'
import type { Maker } from './maker.js'
import { called, someKind, value } from './value.js'

const ordered: ReadonlySet<Kind> = new Set(['int', 'numeric'])

/** A condition: any expression of type boolean. */
export function condition(maker: Maker, depth: number): Node {
  const { pick } = maker
  const again = (): Node => condition(maker, depth - 1)
  const kind = someKind(maker)
  const of = (): Node => value(maker, kind, depth - 1)
  const not = (): string => one(pick, ['', 'not '])
  if (depth <= 0) return plain(maker, kind)
  return weighted<() => Node>(pick, [
    [24, () => bool`${of()} = ${of()}`],
    [
      2,
      () =>
        bool`${of()} ${one(pick, ordered.has(kind) ? ['<', '<=', '>', '>=', '<>'] : ['<>', '!='])} ${of()}`,
    ],
    [10, () => bool`(${again()} and ${again()})`],
    [10, () => bool`(${again()} or ${again()})`],
    [5, () => bool`not (${again()})`],
    [5, () => bool`(${again()}) is ${not()}${one(pick, ['true', 'false', 'unknown'])}`],
    [5, () => bool`(${of()}) is ${not()}null`],
    [5, () => bool`${of()} is ${not()}distinct from ${of()}`],
    [
      1,
      () =>
        bool`${value(maker, 'int', depth - 1)} ${not()}between ${value(maker, 'int', depth - 1)} and ${value(maker, 'int', depth - 1)}`,
    ],
    [5, () => bool`${of()} ${not()}in (${of()}, ${of()})`],
    [1, () => bool`${of()} = any (array[${of()}, ${of()}])`],
    [1, () => bool`${of()} <> all (array[${of()}, ${of()}])`],
    [1, () => bool`${value(maker, 'text', depth - 1)} = any (${value(maker, 'tags', 0)})`],
    [
      1,
      () =>
        bool`${value(maker, 'text', depth - 1)} = any (string_to_array(current_setting('{w}.other', true), ','))`,
    ],
    [3, () => bool`coalesce(${again()}, ${again()})`],
    [1, () => bool`nullif(${again()}, ${again()})`],
    [5, () => bool`case when ${again()} then ${again()} else ${again()} end`],
    [1, () => bool`case ${of()} when ${of()} then ${again()} when ${of()} then ${again()} end`],
    [1, () => bool`(${of()}, ${value(maker, 'int', 0)}) = (${of()}, ${value(maker, 'int', 0)})`],
    [1, () => bool`(select ${again()})`],
    [1, () => bool`${value(maker, 'text', depth - 1)} like ${value(maker, 'text', 0)}`],
    [1, () => bool`(${value(maker, 'json', depth - 1)} ->> 'k') = ${value(maker, 'text', 0)}`],
    [1, () => bool`${value(maker, 'json', 0)} @> '{"k": "a"}'::jsonb`],
    [14, () => maker.grammar.search(maker, depth) ?? again()],
    [7, () => called(maker, 'bool', depth) ?? again()],
  ])()
}

function plain(maker: Maker, kind: Kind): Node {
  const { pick } = maker
  const flags = maker.references.filter((reference) => reference.kind === 'bool')
  return weighted<() => Node>(pick, [
    [1, () => leaf('bool', one(pick, ['true', 'false']))],
    [5, () => leaf('bool', one(pick, [...flags.map(({ sql }) => sql), 'true']))],
    [4, () => bool`${value(maker, kind, 0)} = ${value(maker, kind, 0)}`],
  ])()
}
