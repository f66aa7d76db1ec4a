import type { Severity } from './severity.js'

/** Machine-readable facts behind a finding. Never row data of the checked database. */
export interface Evidence {
  /** Every object the finding is about, the finding's own first. */
  readonly objects: readonly string[]
  /** The statement that shows a leak; values are placeholders. */
  readonly statement?: string
  readonly [fact: string]: unknown
}

/** One thing that is wrong, in the one shape that every part of the verifier uses. */
export interface Finding {
  /** Id of the rule or attack, for example `rls-not-forced`. */
  readonly rule: string
  readonly severity: Severity
  /** What it is about: `schema.name`, a function with its arguments, or `role name`. */
  readonly object: string
  /** The command or privilege concerned; null when it is about the object as a whole. */
  readonly command: string | null
  /** The role concerned; null when it is about the object as a whole. */
  readonly role: string | null
  readonly message: string
  readonly evidence: Evidence
  /** SQL that removes the cause; null where only a person can decide. */
  readonly fix: { readonly sql: string } | null
  /** What a person has to decide or do where no SQL is safe to run as it is; null beside a fix. */
  readonly remedy: string | null
  /** Address of the rule's page. */
  readonly docs: string
  /** Stable id for suppression: {@link findingKey}. */
  readonly key: string
}

/** What a rule says; {@link makeFinding} adds key and address. */
export interface FindingInput {
  readonly rule: string
  readonly severity: Severity
  readonly object: string
  readonly message: string
  readonly command?: string
  readonly role?: string
  /** Tells findings of one rule on one object apart: a policy, a constraint, a column. */
  readonly detail?: string
  readonly related?: readonly string[]
  readonly evidence?: Readonly<Record<string, unknown>>
  readonly fix?: string
  readonly remedy?: string
}

const docsRoot = 'https://watertight.dev/rules/'

/**
 * The stable key of a finding, `rule:object[:detail…]`: readable, independent of message, order
 * and server version, so that a suppression survives an upgrade.
 *
 * @example
 * ```ts
 * findingKey('policy-open', 'public.notes', ['everyone', 'SELECT'])
 * // policy-open:public.notes:everyone:SELECT
 * ```
 */
export function findingKey(rule: string, object: string, details: readonly string[]): string {
  return [rule, object, ...details].join(':')
}

/** Completes and freezes a finding. */
export function makeFinding(input: FindingInput): Finding {
  const details = [input.detail, input.role, input.command].filter((part) => part !== undefined)
  return Object.freeze({
    rule: input.rule,
    severity: input.severity,
    object: input.object,
    command: input.command ?? null,
    role: input.role ?? null,
    message: input.message,
    evidence: Object.freeze({
      objects: [...new Set([input.object, ...(input.related ?? [])])],
      ...input.evidence,
    }),
    fix: input.fix === undefined ? null : { sql: input.fix },
    remedy: input.fix === undefined ? (input.remedy ?? null) : null,
    docs: docsRoot + input.rule,
    key: findingKey(input.rule, input.object, details),
  })
}
