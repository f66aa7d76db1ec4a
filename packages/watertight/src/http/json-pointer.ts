import { WatertightError } from '../errors/index.js'

/**
 * Compiles a JSON pointer (RFC 6901) into a reader of own properties; `undefined` where nothing is.
 *
 * @throws INVALID_INPUT for a text that is no pointer.
 */
export function jsonPointer(pointer: string): (document: unknown) => unknown {
  if (!/^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer)) {
    throw new WatertightError(
      'INVALID_INPUT',
      'a claim is named by a JSON pointer, such as /org_id',
      {
        object: 'claims',
      },
    )
  }
  const path = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return (document) => path.reduce<unknown>(child, document)
}

/** SECURITY: own properties alone, so that `/constructor/name` finds nothing. */
function child(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string, unknown>)[key]
}
