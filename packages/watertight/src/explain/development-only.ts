import { WatertightError } from '../errors/index.js'

/**
 * SECURITY: an explanation tells that a row exists that its reader must not know of.
 *
 * @throws DEVELOPMENT_ONLY when NODE_ENV is production.
 */
export function requireDevelopment(operation: string): void {
  if (!/^\s*prod(uction)?\s*$/i.test(process.env['NODE_ENV'] ?? '')) return
  throw new WatertightError('DEVELOPMENT_ONLY', `${operation} does not run in production`, {
    object: 'NODE_ENV',
    hint: 'Reproduce the denial on a development database, or with the policies of a dump.',
  })
}
