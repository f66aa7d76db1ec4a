import { createHash } from 'node:crypto'

/** Statements that one connection keeps prepared at most. */
const maxPrepared = 256
const maxParameters = 65_535

/** @throws TypeError for what the protocol cannot carry. */
export function checkStatement(text: string, values: readonly unknown[]): void {
  // SECURITY: the protocol ends a text at NUL, so what follows would be read as other fields.
  if (text.includes('\0')) throw new TypeError('a statement cannot hold a NUL character')
  if (values.length > maxParameters) {
    throw new TypeError(`a statement can have ${maxParameters} parameters at most`)
  }
}

/**
 * The name under which a connection keeps a statement prepared, or null.
 * INVARIANT: a statement without parameters is never named: its plan would be made for the tenant
 * that runs it first and serve all others.
 */
export function statementName(
  key: string,
  values: readonly unknown[],
  prepared: ReadonlySet<string>,
): string | null {
  if (values.length === 0) return null
  const name = `wt_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`
  return prepared.has(name) || prepared.size < maxPrepared ? name : null
}
