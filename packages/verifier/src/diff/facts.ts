import { diffSnapshots } from 'watertight/catalog'
import type { CatalogSnapshot, SnapshotDifference } from 'watertight/catalog'
import { objectName } from '../graph/object-name.js'
import type { DiffEffect, DiffFact } from './diff-result.js'

/** Differences of two catalogs that decide who reaches what, with what each does. */
export function factsOf(before: CatalogSnapshot, after: CatalogSnapshot): readonly DiffFact[] {
  return diffSnapshots(before, after).flatMap((difference) => {
    const kind = kindOf(difference.path)
    if (kind === null) return []
    const effect = effectOf(kind, difference, after)
    return [{ kind, path: difference.path, effect, message: messageOf(kind, difference) }]
  })
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/\.comment$/, ''],
  [/^database\./, 'database'],
  [/^(schemas|sequences)\..*\.acl\b/, 'privilege'],
  [/^schemas\./, 'schema'],
  [/^sequences\./, ''],
  [/^relations\..*\.(acl)\b/, 'privilege'],
  [/^relations\..*\.rls\b/, 'row-security'],
  [/^relations\..*\.policies\b/, 'policy'],
  [/^relations\..*\.triggers\b/, 'trigger'],
  [/^relations\..*\.rules\b/, 'rule'],
  [/^relations\..*\.constraints\b/, 'constraint'],
  [/^relations\..*\.indexes\b/, ''],
  [/^relations\..*\.columns\b/, 'column'],
  [/^relations\..*\.(definition|options|reads)\b/, 'view'],
  [/^relations\..*\.owner$/, 'owner'],
  [/^relations\./, 'table'],
  [/^functions\..*\.acl\b/, 'privilege'],
  [/^functions\./, 'function'],
  [/^(roles|memberships)\./, 'role'],
  [/^defaultPrivileges\./, 'default-privilege'],
  [/^settingDefaults\./, 'setting'],
  [/^publications\./, 'publication'],
]

function kindOf(path: string): string | null {
  const found = kinds.find(([pattern]) => pattern.test(path))?.[1]
  return found === undefined || found === '' ? null : found
}

/** The effect that does not need the meaning of policies; theirs is told by the cells. */
function effectOf(
  kind: string,
  { path, before, after }: SnapshotDifference,
  catalog: CatalogSnapshot,
): DiffEffect {
  const added = before === undefined
  const removed = after === undefined
  const last = path.split('.').at(-1) ?? ''
  switch (kind) {
    case 'privilege':
      return privilegeEffect(path, added, removed)
    case 'role':
      if (last === 'superuser' || last === 'bypassRls' || path.startsWith('memberships.')) {
        return added || after === true
          ? 'widens'
          : removed || after === false
            ? 'narrows'
            : 'unknown'
      }
      if (last === 'createRole' || last === 'replication') {
        return after === true ? 'widens' : 'narrows'
      }
      return 'neutral'
    case 'default-privilege':
    case 'publication':
      return added ? 'widens' : removed ? 'narrows' : 'unknown'
    case 'rule':
    case 'view':
      return viewEffect(path, before, after)
    case 'function':
      return functionEffect(path, removed, catalog)
    case 'column':
      // Rows may be there now that could not be.
      return last === 'notNull' && after === false ? 'unknown' : 'neutral'
    case 'trigger':
    case 'constraint':
      return added ? 'neutral' : 'unknown'
    case 'owner':
    case 'setting':
      return 'unknown'
    default:
      return 'neutral'
  }
}

/** What SELECT, INSERT, UPDATE and DELETE on tables reach is told by the cells. */
function privilegeEffect(path: string, added: boolean, removed: boolean): DiffEffect {
  const isOfCells = /^relations\.\S*.*\.(SELECT|INSERT|UPDATE|DELETE)\./.test(path)
  if (isOfCells) return 'neutral'
  return added ? 'widens' : removed ? 'narrows' : 'unknown'
}

function viewEffect(path: string, before: unknown, after: unknown): DiffEffect {
  const isInvoker = (value: unknown): boolean => value === 'true' || value === 'on' || value === '1'
  if (path.endsWith('.options.security_invoker') || path.endsWith('.options.security_barrier')) {
    return isInvoker(before) ? 'widens' : isInvoker(after) ? 'narrows' : 'neutral'
  }
  return 'neutral'
}

/** A function with the rights of its owner reaches what its body says, past the policies. */
function functionEffect(
  path: string,
  removed: boolean,
  { functions }: CatalogSnapshot,
): DiffEffect {
  if (removed) return 'neutral'
  const changed = functions.find((fn) =>
    path.startsWith(`functions.${objectName(fn)}(${fn.identityArguments})`),
  )
  const last = path.split('.').at(-1) ?? ''
  const isPower = last === 'securityDefiner' || last === 'leakproof' || last === 'owner'
  return isPower || changed?.securityDefiner === true ? 'unknown' : 'neutral'
}

function messageOf(kind: string, { path, before, after }: SnapshotDifference): string {
  const name = path.split('.').slice(1).join('.')
  if (before === undefined) return `${kind} added: ${name}`
  if (after === undefined) return `${kind} removed: ${name}`
  return `${kind} changed: ${name}: ${shown(before)} → ${shown(after)}`
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 117)}...` : line
}
