import type { ErrorCode } from 'watertight/errors'

/** Every exit code with what it means: the one table for all commands. */
export const exitCodes = {
  0: 'Holds: everything that was asked is in place or was done.',
  1: 'Findings, drift, or denied by the server.',
  2: 'Changes are pending.',
  3: 'Something could not be checked (unless --allow-unknown).',
  4: 'Refused: a hazard without consent, a stale or foreign plan, a lock, nothing to roll back.',
  64: 'Usage: the command line, the configuration or an input file cannot be used.',
  69: 'The server cannot be reached, refuses the login, or is not supported.',
  70: 'Internal: an error that watertight did not foresee.',
  130: 'Interrupted; nothing was changed.',
} as const

/** What a command ends with. */
export type ExitCode = keyof typeof exitCodes

/** The exit code of every error: a new code does not compile until it has one. None is 0. */
export const exitCodeByError: Readonly<Record<ErrorCode, Exclude<ExitCode, 0>>> = {
  INVALID_MODEL: 64,
  MODEL_MISMATCH: 64,
  INVALID_IDENTIFIER: 64,
  INVALID_CONTEXT: 64,
  CONTEXT_REQUIRED: 70,
  CONTEXT_EXPIRED: 1,
  CONTEXT_MISMATCH: 70,
  INVALID_SIGNING_KEY: 64,
  UNSAFE_ROLE: 1,
  ROLE_NOT_CONFIGURED: 64,
  TX_CLOSED: 70,
  TX_ABORTED: 1,
  ABORTED: 130,
  ACQUIRE_TIMEOUT: 69,
  NO_ROWS_WRITTEN: 1,
  ROWS_HIDDEN: 1,
  STATEMENT_REFUSED: 4,
  OUTCOME_UNKNOWN: 3,
  ACCESS_DENIED: 1,
  STATEMENT_FAILED: 1,
  CONNECTION_FAILED: 69,
  AUTHENTICATION_FAILED: 69,
  UNSUPPORTED_SERVER: 69,
  DEVELOPMENT_ONLY: 4,
  MISSING_PRIVILEGE: 1,
  STALE_PLAN: 4,
  FOREIGN_PLAN: 4,
  CONSENT_REQUIRED: 4,
  NOTHING_TO_ROLL_BACK: 4,
  LOCK_NOT_AVAILABLE: 4,
  LOAD_FAILED: 64,
  TESTS_UNUSABLE: 4,
  INVALID_INPUT: 64,
  EMBEDDED_POSTGRES_FAILED: 69,
  EMBEDDED_POSTGRES_MISSING: 69,
  DATA_DIRECTORY_UNUSABLE: 69,
  PORT_IN_USE: 69,
  UNPARSABLE_SQL: 3,
  PARSER_NOT_LOADED: 70,
  USAGE: 64,
  INTERRUPTED: 130,
}
