import { WatertightError } from '../errors/index.js'
import type { ErrorCode } from '../errors/index.js'

/** SQLSTATE of an error that came from the server, else undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof WatertightError) return error.sqlState ?? sqlStateOf(error.cause)
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}

const codeByState: Readonly<Record<string, ErrorCode>> = {
  '42501': 'MISSING_PRIVILEGE',
  '55P03': 'LOCK_NOT_AVAILABLE',
  '57P01': 'CONNECTION_FAILED',
  '57P02': 'CONNECTION_FAILED',
  '57P03': 'CONNECTION_FAILED',
}

const hintByCode: Partial<Record<ErrorCode, string>> = {
  MISSING_PRIVILEGE:
    'connect as the migrator role, the owner of the tables with CREATEROLE, or a superuser',
  LOCK_NOT_AVAILABLE:
    'another change is running or a table is locked; try again, or raise the lock timeout',
  CONNECTION_FAILED: 'the server closed the connection; nothing was committed',
}

/** Any error as a typed one, with the step it happened in where that is known. */
export function toTypedError(error: unknown, doing?: string): WatertightError {
  if (error instanceof WatertightError) return error
  const state = sqlStateOf(error)
  const code: ErrorCode = state ? (codeByState[state] ?? 'STATEMENT_FAILED') : 'CONNECTION_FAILED'
  const reason = error instanceof Error ? error.message : String(error)
  const hint = hintByCode[code]
  return new WatertightError(code, doing ? `could not ${doing}: ${reason}` : reason, {
    cause: error,
    ...(state ? { sqlState: state } : {}),
    ...(hint ? { hint } : {}),
  })
}
