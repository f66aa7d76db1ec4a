import type { FastifyError } from 'fastify'
import { WatertightError } from 'watertight/errors'
import { ApiProblem } from './api-problem.js'
import type { ApiProblemCode } from './api-problem.js'
import { takenFields } from './taken-fields.js'

/** Faults that a client can cause by what it sends, by SQLSTATE (manual, appendix A). */
const clientFaults: Readonly<Record<string, readonly [ApiProblemCode, string]>> = {
  '23505': ['CONFLICT', 'an object like this exists already'],
  '23P01': ['CONFLICT', 'the object overlaps another one'],
  '23503': [
    'CONFLICT',
    'an object that this one belongs to, or that belongs to it, stands against it',
  ],
  '23001': ['CONFLICT', 'the object can no longer be changed'],
  '23514': ['INVALID_REQUEST', 'a value is not allowed'],
  '23502': ['INVALID_REQUEST', 'a value is missing'],
  '22P02': ['INVALID_REQUEST', 'a value is malformed'],
  '22001': ['INVALID_REQUEST', 'a value is too long'],
  '22003': ['INVALID_REQUEST', 'a number is out of range'],
  '22007': ['INVALID_REQUEST', 'a time is malformed'],
  '22008': ['INVALID_REQUEST', 'a time is out of range'],
  '22021': ['INVALID_REQUEST', 'a text holds a character that cannot be stored'],
  '22P05': ['INVALID_REQUEST', 'a text holds a character that cannot be stored'],
}

/**
 * Serialization failure, deadlock, lock not available, query canceled, insufficient resources,
 * shutdown, lost connection: the same request may pass later.
 */
const passing = /^(?:40001|40P01|55P03|57014|25P03|53...|57P0[1-5]|08...)$/

/**
 * What a client is told of an error that a statement ended with. Null where the library's own table
 * says it (`problemOf` of watertight/http), and for what nobody foresaw.
 *
 * SECURITY: never the constraint, the column or the value: those can be another tenant's. Which field of
 * the request is taken is told for indexes that are about the caller's own alone, see `takenFields`.
 */
export function problemOfStatement(error: unknown): ApiProblem | null {
  if (!(error instanceof WatertightError)) return null
  const { code, sqlState = '' } = error
  if (code === 'OUTCOME_UNKNOWN') {
    return new ApiProblem('OUTCOME_UNKNOWN', 'whether the write was done is not known')
  }
  const isPassing =
    passing.test(sqlState) || code === 'AUTHENTICATION_FAILED' || code === 'TX_CLOSED'
  if (isPassing) return new ApiProblem('UNAVAILABLE', 'the server cannot answer now')
  const fault = code === 'STATEMENT_FAILED' ? clientFaults[sqlState] : undefined
  return fault === undefined ? null : new ApiProblem(...fault, takenFields(error.cause))
}

/** What a client is told of an error of a route, or of a request that reached none; null for 500. */
export function problemOfError(error: FastifyError): ApiProblem | null {
  if (error instanceof ApiProblem) return error
  if (error.statusCode === 413) {
    return new ApiProblem('PAYLOAD_TOO_LARGE', 'the body is larger than allowed')
  }
  if (error.statusCode === 414) return new ApiProblem('URI_TOO_LONG', 'the address is too long')
  if (error.statusCode === 415) {
    return new ApiProblem('UNSUPPORTED_MEDIA_TYPE', 'bodies are application/json')
  }
  const isClients = error.statusCode !== undefined && error.statusCode < 500
  return isClients ? new ApiProblem('INVALID_REQUEST', 'the request cannot be read') : null
}
