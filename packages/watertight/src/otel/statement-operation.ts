/** Commands that are named; anything else is OTHER, so that no text of a caller becomes a name. */
const operations = new Set([
  'CALL',
  'CLOSE',
  'COPY',
  'DECLARE',
  'DELETE',
  'EXPLAIN',
  'FETCH',
  'INSERT',
  'LOCK',
  'MERGE',
  'SELECT',
  'SET',
  'SHOW',
  'TABLE',
  'UPDATE',
  'VALUES',
  'WITH',
])

/**
 * The command of a statement in capitals, as `db.operation.name`.
 *
 * @example
 * ```ts
 * operationOf('/* list *\/ select * from invoices') // SELECT
 * ```
 */
export function operationOf(text: string): string {
  let rest = text
  for (;;) {
    const next = rest.replace(/^(?:[\s(]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)/, '')
    if (next === rest) break
    rest = next
  }
  const word = /^[A-Za-z]+/.exec(rest)?.[0].toUpperCase() ?? ''
  return operations.has(word) ? word : 'OTHER'
}
