import { WatertightError } from 'watertight/errors'
import type { ErrorCode } from 'watertight/errors'

const codeBySqlState: Readonly<Record<string, ErrorCode>> = {
  '42501': 'MISSING_PRIVILEGE',
  '55P03': 'LOCK_NOT_AVAILABLE',
  '57014': 'STATEMENT_FAILED',
  '57P01': 'CONNECTION_FAILED',
  '57P02': 'CONNECTION_FAILED',
  '57P03': 'CONNECTION_FAILED',
}

const hintByCode: Partial<Record<ErrorCode, string>> = {
  MISSING_PRIVILEGE: 'Connect as the migrator, the owner of the tables, or a superuser.',
  CONNECTION_FAILED: 'The server closed the connection; look at its log and try again.',
  LOCK_NOT_AVAILABLE: 'Somebody holds a lock; try again, or raise --lock-timeout.',
}

/**
 * An error of the server or of the file system as a typed one; null for what nobody foresaw.
 * `interrupted` tells that the user had already asked for the end.
 */
export function typedError(error: unknown, interrupted: boolean): WatertightError | null {
  if (error instanceof WatertightError) return error
  if (!(error instanceof Error)) return null
  const state = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isServerError = 'severity' in error && /^[0-9A-Z]{5}$/.test(state)
  if (isServerError) {
    if (interrupted && state === '57014') {
      return new WatertightError('INTERRUPTED', 'interrupted; nothing was changed', {
        cause: error,
      })
    }
    return fromServer(error, state)
  }
  if (/Connection terminated|Client was closed|ECONNRESET|EPIPE/.test(error.message)) {
    return make('CONNECTION_FAILED', error.message, error)
  }
  if ('syscall' in error && 'path' in error && typeof error.path === 'string') {
    return new WatertightError('INVALID_INPUT', `${error.path}: ${reasonOf(state)}`, {
      object: error.path,
      hint: 'Check the path and its permissions.',
      cause: error,
    })
  }
  return null
}

function fromServer(error: Error, state: string): WatertightError {
  const code =
    codeBySqlState[state] ?? (state.startsWith('08') ? 'CONNECTION_FAILED' : 'STATEMENT_FAILED')
  return make(code, error.message, error, state)
}

function make(code: ErrorCode, message: string, cause: Error, state?: string): WatertightError {
  const hint = hintByCode[code]
  return new WatertightError(code, message, {
    cause,
    ...(state !== undefined && { sqlState: state }),
    ...(hint !== undefined && { hint }),
  })
}

function reasonOf(code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'is a folder, not a file',
    ENOTDIR: 'is a file, not a folder',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EEXIST: 'exists already',
  }
  return reasons[code] ?? code
}
