import type { FunctionInfo } from 'watertight/catalog'
import type { Encoding } from './encoding.js'
import type { SearchPath } from './frame.js'

/** The search path that a function's body runs with. */
export function pathOfFunction(fn: FunctionInfo): SearchPath {
  const setting = fn.settings['search_path']
  // A body in the standard's form was resolved when it was made, and prints with schemas.
  if (fn.language === 'sql' && /^\s*(return|begin\s+atomic)\b/i.test(fn.body))
    return { kind: 'printed' }
  if (setting === undefined) return { kind: 'caller' }
  const schemas = setting
    .split(',')
    .map((part) => part.trim())
    .map((part) =>
      part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase(),
    )
    .filter((part) => part !== '')
  return { kind: 'pinned', schemas, tempLast: schemas.at(-1) === 'pg_temp' }
}

/** Some role that requests run as may make objects in the schema, or it is each user's own. */
export function isWritable({ subject }: Pick<Encoding, 'subject'>, schema: string): boolean {
  if (schema.startsWith('$') || schema === 'pg_temp') return true
  const info = subject.catalog.schemas.find((entry) => entry.name === schema)
  if (info === undefined) return false
  const { roles } = subject.model
  const runtime = [roles.app, roles.public, roles.worker, roles.auditor, roles.platform]
  return runtime.some((role) => {
    if (role === null) return false
    const { reachable } = subject.access.closure(role)
    return (
      reachable.has(info.owner) ||
      info.acl.some(
        (item) => item.privilege === 'CREATE' && (item.isPublic || reachable.has(item.grantee)),
      )
    )
  })
}

/** A role that requests run as may make functions and operators somewhere. */
export function canMakeFunctions(encoding: Encoding): boolean {
  return encoding.subject.catalog.schemas.some(({ name }) => isWritable(encoding, name))
}
