import type { FunctionInfo, Relation } from 'watertight/catalog'
import type { Token } from '../../../expr/tokens.js'
import { objectName } from '../../../graph/object-name.js'
import type { LintInput } from '../../rule.js'

/**
 * The body of a trigger function works with what says whose the row is that fired it: its tenant,
 * its key, a key that leads to another row, or the row as a whole. Other columns hold what their
 * writer likes. Whether the body uses that well is for the attacks on triggers to show.
 */
export function saysWhose(input: LintInput, fn: FunctionInfo, tokens: readonly Token[]): boolean {
  const fired = input.catalog.relations.filter(({ triggers }) =>
    triggers.some((trigger) => objectName(trigger.function) === objectName(fn)),
  )
  const keys = new Set(fired.flatMap((relation) => keyColumns(input, relation)))
  return tokens.some(({ kind, text, quoted }, index) => {
    if (kind !== 'name' || quoted || (text !== 'new' && text !== 'old')) return false
    if (isReturned(tokens, index)) return false
    const [dot, column] = tokens.slice(index + 1, index + 3)
    return dot?.text !== '.' || (column !== undefined && keys.has(column.text))
  })
}

/** `RETURN NEW` ends every trigger and says nothing. */
function isReturned(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.text === 'return' && tokens[index + 1]?.text !== '.'
}

function keyColumns({ tables, model }: LintInput, relation: Relation): readonly string[] {
  const table = tables.get(objectName(relation))
  return [
    // Of a view, whatever it shows under the name.
    table?.tenantColumn ?? model.tenantKey.column,
    table?.userColumn ?? [],
    ...relation.indexes.filter(({ isUnique }) => isUnique).map(({ columns }) => columns),
    ...relation.constraints
      .filter(({ references }) => references !== null)
      .map(({ columns }) => columns),
  ]
    .flat()
    .filter((column) => column !== null)
}
