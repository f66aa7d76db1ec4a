import type { FunctionInfo } from 'watertight/catalog'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { mentionedRelations } from '../../../graph/mentioned-relations.js'
import { objectName } from '../../../graph/object-name.js'
import { sees } from '../../fix-predicate.js'
import type { LintInput } from '../../rule.js'

const verbs = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const

/**
 * The function does for each of its callers what it did before when it runs as them, but for rows
 * that policies hide. Nothing that policies themselves call is: it would ask them again.
 */
export function canRunAsCaller(
  input: LintInput,
  fn: FunctionInfo,
  callers: readonly string[],
): boolean {
  const { relations, functions } = input.catalog
  const texts = [
    ...relations.flatMap(({ policies }) => policies.flatMap((p) => [p.using, p.withCheck])),
    ...functions.filter((other) => other !== fn).map(({ body }) => body),
  ]
  const isHelper = texts.some(
    (text) => text !== null && calledFunctions(tokenize(text)).includes(fn.name),
  )
  if (isHelper) return false
  const words = new Set(tokenize(fn.body).map(({ text }) => text))
  const needed = Object.entries(verbs).flatMap(([word, verb]) => (words.has(word) ? [verb] : []))
  const named = mentionedRelations(input.catalog, fn)
  return relations
    .filter((relation) => named.has(objectName(relation)))
    .every((relation) =>
      callers.every(
        (role) =>
          input.access.columns(role, 'SELECT', relation).length === relation.columns.length &&
          sees(input, role, relation) &&
          needed.every((verb) => input.access.can(role, verb, relation)),
      ),
    )
}
