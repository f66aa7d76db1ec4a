import { ApiProblem } from './api-problem.js'

/** Deepest nesting of a body; what schemas describe ends far above it. */
const maxDepth = 32

/**
 * Refuses bodies that are nested so deep that walking them, here or in the database, would run out of
 * stack.
 *
 * @throws {ApiProblem} INVALID_REQUEST.
 */
export function requireShallow(body: unknown): void {
  let level: readonly unknown[] = [body]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) {
      const errors = [{ pointer: '/body', detail: `is nested deeper than ${String(maxDepth)}` }]
      throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    )
  }
}
