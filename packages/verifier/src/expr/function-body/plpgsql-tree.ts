/** Reading of the untyped tree that PostgreSQL's PL/pgSQL parser makes. */

export type TreeNode = Readonly<Record<string, unknown>>

/** Whether a value is a node, that is a plain object. */
export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of a node `{ Kind: fields }` when it is of the kind, else undefined. */
export function fieldsOf(value: unknown, kind: string): TreeNode | undefined {
  const fields = isNode(value) ? value[kind] : undefined
  return isNode(fields) ? fields : undefined
}

/** The kind and fields of a node. */
export function kindOf(value: unknown): { kind: string; fields: TreeNode } {
  const [entry] = isNode(value) ? Object.entries(value) : []
  return { kind: entry?.[0] ?? 'nothing', fields: isNode(entry?.[1]) ? entry[1] : {} }
}

/** A list, empty when missing. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The text and parse mode of an expression or statement, when there is one. */
export function queryOf(value: unknown): { text: string; mode: number } | undefined {
  const fields = fieldsOf(value, 'PLpgSQL_expr')
  if (fields === undefined || typeof fields['query'] !== 'string') return undefined
  return { text: fields['query'], mode: Number(fields['parseMode'] ?? 0) }
}

/** A string, empty when missing. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
