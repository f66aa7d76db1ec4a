import type { QualifiedName } from '../../expr/index.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'

/**
 * A type that a body names without its schema is first looked for among temporary objects, also where
 * search_path is empty (manual, section 20.11.1), and a domain there may cut what is compared. With
 * plain settings it is assumed that runtime roles run no SQL of their own.
 */
export function noteTemporaryType(
  { subject, blockers }: Encoding,
  { path, calls }: Pick<Frame, 'path' | 'calls'>,
  { schema, name }: QualifiedName,
): void {
  if (subject.model.context.kind !== 'signed' || schema !== null) return
  if (path.kind === 'printed' || (path.kind === 'pinned' && path.tempLast)) return
  blockers.add(
    `${calls.at(-1)} names the type ${name} without its schema, and its search_path does not end in pg_temp: a temporary type can take the place`,
  )
}
