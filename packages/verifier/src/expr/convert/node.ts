import type { Node } from 'libpg-query'
import type { QualifiedName } from '../ir/names.js'
import { unmodelled } from './unmodelled.js'

type KeyOf<Union> = Union extends unknown ? keyof Union : never
type FieldsOf<Key extends PropertyKey, Union = Node> =
  Union extends Record<Key, infer Fields> ? Fields : never

/** The name of a raw node's kind: `A_Expr`, `SelectStmt`. */
export type RawKind = KeyOf<Node>

/** The fields of a raw node of one kind. */
export type Raw<Kind extends RawKind> = FieldsOf<Kind>

/** The kind of a raw node and its fields. */
export function entryOf(node: Node): { kind: string; fields: unknown } {
  const [entry] = Object.entries(node)
  return { kind: entry?.[0] ?? 'nothing', fields: entry?.[1] }
}

/** The fields of a node when it is of the given kind, else undefined. */
export function rawIf<Kind extends RawKind>(
  node: Node | undefined,
  kind: Kind,
): Raw<Kind> | undefined {
  return node === undefined ? undefined : (node as Partial<Record<Kind, Raw<Kind>>>)[kind]
}

/** The fields of a node that must be of the given kind. */
export function raw<Kind extends RawKind>(node: Node | undefined, kind: Kind): Raw<Kind> {
  return rawIf(node, kind) ?? unmodelled(`a ${kind} was expected`)
}

/** A node that the grammar always sets. */
export function required<T>(node: T | undefined): T {
  return node ?? unmodelled('an incomplete syntax tree')
}

/** The strings of a list of names. */
export function stringsOf(nodes: readonly Node[] = []): string[] {
  return nodes.map((node) => raw(node, 'String').sval ?? '')
}

/** A name with at most a schema before it. */
export function qualifiedNameOf(nodes: readonly Node[] = []): QualifiedName {
  const parts = stringsOf(nodes)
  const name = parts.at(-1)
  if (name === undefined || parts.length > 2) return unmodelled('a name with a database before it')
  return { schema: parts.length === 2 ? (parts[0] ?? null) : null, name }
}
