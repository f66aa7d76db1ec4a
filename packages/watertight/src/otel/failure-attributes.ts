import { WatertightError } from '../errors/index.js'

/**
 * `error.type` and `db.response.status_code` of a failure. Messages are left out: those of your own
 * errors may hold anything.
 */
export function failureAttributes(error: unknown): Readonly<Record<string, string>> {
  if (error === null || error === undefined) return {}
  if (error instanceof WatertightError) {
    const { sqlState, code } = error
    if (sqlState === undefined) return { 'error.type': code }
    return { 'error.type': sqlState, 'db.response.status_code': sqlState }
  }
  if (!(error instanceof Error)) return { 'error.type': '_OTHER' }
  // A class has few names; the `name` of an instance may be made up of data.
  const { name } = error.constructor
  return { 'error.type': /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : '_OTHER' }
}
