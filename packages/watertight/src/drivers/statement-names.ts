import { createHash } from 'node:crypto'

/** Statements that one connection keeps prepared at most. */
export const maxPrepared = 256
const maxParameters = 65_535
/** Texts whose names the process remembers at most. */
const maxKnown = 1_000

/** @throws TypeError for what the protocol cannot carry. */
export function checkStatement(text: string, values: readonly unknown[]): void {
  // SECURITY: the protocol ends a text at NUL, so what follows would be read as other fields.
  if (text.includes('\0')) throw new TypeError('a statement cannot hold a NUL character')
  if (values.length > maxParameters) {
    throw new TypeError(`a statement can have ${maxParameters} parameters at most`)
  }
}

/** By the text; null for one that nobody has named yet. */
const known = new Map<string, string | null>()

/** True when the process has met the statement before; one that comes once is not worth a plan. */
export function isFamiliar(key: string): boolean {
  const isOld = known.has(key)
  if (!isOld) remember(key, null)
  return isOld
}

/** The same for the same text, whoever asks: a name can never stand for another statement. */
function nameOf(key: string): string {
  const found = known.get(key)
  if (found) return found
  const name = `wt_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`
  remember(key, name)
  return name
}

function remember(key: string, name: string | null): void {
  known.set(key, name)
  if (known.size <= maxKnown) return
  const [oldest] = known.keys()
  if (oldest !== undefined) known.delete(oldest)
}

/**
 * The name under which a connection keeps a statement prepared, or null.
 * INVARIANT: a statement without parameters is never named: its plan would be made for the tenant
 * that runs it first and serve all others.
 */
export function statementName(key: string, values: readonly unknown[]): string | null {
  return values.length === 0 ? null : nameOf(key)
}
