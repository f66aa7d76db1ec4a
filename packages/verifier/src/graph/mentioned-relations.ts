import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import { objectName } from './object-name.js'

/**
 * Names of the relations that a function's body mentions, itself, in SQL that it puts together, or
 * through functions that it calls. Lexical: it says where to look, never what happens.
 */
export function mentionedRelations(
  catalog: CatalogSnapshot,
  fn: FunctionInfo,
): ReadonlySet<string> {
  const words = mentionedWords(catalog, fn)
  const relations = new Map(catalog.relations.map((entry) => [objectName(entry), entry]))
  const found = new Set(
    [...relations].filter(([, { name }]) => words.has(name.toLowerCase())).map(([name]) => name),
  )
  // A view stands for what it reads.
  for (const name of found) {
    for (const read of relations.get(name)?.reads ?? []) found.add(objectName(read))
  }
  return found
}

/** Every word of a function's body and of the functions that it may call, in lower case. */
export function mentionedWords(catalog: CatalogSnapshot, fn: FunctionInfo): ReadonlySet<string> {
  const words = new Set<string>()
  const seen = new Set<FunctionInfo>([fn])
  for (const current of seen) {
    for (const word of wordsOf(current.body)) words.add(word)
    for (const other of catalog.functions) {
      if (other.extension === null && words.has(other.name.toLowerCase())) seen.add(other)
    }
  }
  return words
}

/** Every word of a text in lower case. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/g) ?? []
}
