import type { z } from 'zod'
import type { FieldProblem } from './api-problem.js'
import { ApiProblem } from './api-problem.js'
import type { RouteInput } from './route.js'

/** The parts of a request that routes read. */
export interface RawInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

const parts = ['params', 'query', 'body'] as const

/**
 * Parses what a request brings by the schemas of its route; all faults of all parts at once.
 *
 * @throws {ApiProblem} INVALID_REQUEST with a pointer for each fault; values are never echoed.
 */
export function parseInput(
  input: RouteInput,
  raw: RawInput,
): Readonly<Record<(typeof parts)[number], unknown>> {
  const parsed: Record<string, unknown> = {}
  const faults: FieldProblem[] = []
  for (const part of parts) {
    const schema = input[part]
    if (schema === undefined) {
      if (!isAbsent(raw[part])) faults.push({ pointer: `/${part}`, detail: 'must be absent' })
      continue
    }
    const result = schema.safeParse(raw[part] ?? {})
    if (result.success) parsed[part] = result.data
    else faults.push(...result.error.issues.flatMap((issue) => faultsOf(part, issue)))
  }
  if (faults.length > 0) {
    throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', faults)
  }
  return { params: parsed['params'], query: parsed['query'], body: parsed['body'] }
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function faultsOf(part: string, issue: z.core.$ZodIssue): readonly FieldProblem[] {
  const at = ['', part, ...issue.path].map((key) => escape(String(key))).join('/')
  if (issue.code !== 'unrecognized_keys') return [{ pointer: at, detail: issue.message }]
  return issue.keys.map((key) => ({ pointer: `${at}/${escape(key)}`, detail: 'is unknown' }))
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
