import type { Command } from 'watertight/model'

/** The form of {@link DiffResult}; minors only add properties. */
export const diffSchemaId = 'watertight.diff/1'

/** What the change from A to B allows or forbids that was not so before. */
export interface DiffResult {
  readonly schema: typeof diffSchemaId
  readonly tool: { readonly name: string; readonly version: string }
  readonly before: DiffSide
  readonly after: DiffSide
  /** Every relation, role and command that one of the sides lets the role run. */
  readonly cells: readonly DiffCell[]
  /** Differences of the catalogs that decide who reaches what, in the order of their paths. */
  readonly facts: readonly DiffFact[]
  readonly summary: DiffSummary
}

export interface DiffSide {
  /** What the user named, without credentials. */
  readonly name: string
  readonly version: string
  readonly versionNum: number
}

/** `both`: B allows rows that A did not, and forbids rows that A allowed. */
export type DiffVerdict = 'same' | 'wider' | 'narrower' | 'both' | 'unknown'

export interface DiffCell {
  readonly object: string
  readonly role: string
  readonly command: Command
  readonly verdict: DiffVerdict
  readonly reason: string
  /** What decided: equal definitions, the catalog, the solver, or both servers. */
  readonly by: 'definition' | 'catalog' | 'prove' | 'replay'
  /** A row that B allows and A does not. */
  readonly wider: DiffExample | null
  /** A row that A allows and B does not. */
  readonly narrower: DiffExample | null
  readonly assumptions: readonly string[]
}

/** A context and rows under which A and B answer differently. Every value is made up. */
export interface DiffExample {
  /** Settings by name; null for one that was never set. */
  readonly settings: Readonly<Record<string, string | null>>
  readonly rows: readonly DiffExampleRow[]
  /** Looked at as the role on both servers, which answered as told. */
  readonly replayed: boolean
  /** The statement that was run as the role, or why none was. */
  readonly note: string
  /** How to see it again; null where it was not seen. */
  readonly trial: DiffTrial | null
}

/** Statements that show on one database whether a command reaches a row. */
export interface DiffTrial {
  /** Make the rows, as a superuser in a transaction that is rolled back. */
  readonly setup: readonly string[]
  readonly role: string
  readonly command: Command
  /** Run as the role, under the settings. Returns rows, or fails, as the command reaches the row. */
  readonly statement: string
  /** Has a row while an UPDATE or DELETE has not reached it; null for other commands. */
  readonly remains: string | null
}

export interface DiffExampleRow {
  readonly relation: string
  /** `row`, `old row`, `new row`, or the alias under which a policy reads it. */
  readonly label: string
  readonly values: Readonly<Record<string, string | null>>
}

/** What a fact does to who reaches what, as far as the catalog alone tells. */
export type DiffEffect = 'widens' | 'narrows' | 'neutral' | 'unknown'

export interface DiffFact {
  /** `policy`, `privilege`, `row-security`, `role`, `function`, `view`, `table`, `column`, ... */
  readonly kind: string
  /** Names from the outside in: `relations.public.invoices.rls.forced`. */
  readonly path: string
  readonly effect: DiffEffect
  readonly message: string
}

export interface DiffSummary {
  readonly same: number
  readonly wider: number
  readonly narrower: number
  readonly both: number
  readonly unknown: number
  readonly facts: number
  /** Facts that widen, or that may. */
  readonly widening: number
}

/**
 * The exit code: 1 when B allows something that A did not, 3 when that is not known, 2 when B only
 * forbids more, 0 when nothing differs.
 */
export function diffExitCode(
  { summary, facts }: DiffResult,
  options: { readonly allowUnknown: boolean },
): 0 | 1 | 2 | 3 {
  if (summary.wider + summary.both > 0) return 1
  if (facts.some(({ effect }) => effect === 'widens')) return 1
  const isOpen = summary.unknown > 0 || facts.some(({ effect }) => effect === 'unknown')
  if (isOpen && !options.allowUnknown) return 3
  return summary.narrower > 0 || facts.some(({ effect }) => effect === 'narrows') ? 2 : 0
}
