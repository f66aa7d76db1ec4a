import { WatertightError } from '../errors/index.js'
import type { Sql } from '../sql/index.js'
import { emptySql, sql } from '../sql/index.js'
import type { Statement } from './driver.js'

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

const isolation: Record<IsolationLevel, Sql> = {
  'read committed': sql` isolation level read committed`,
  'repeatable read': sql` isolation level repeatable read`,
  serializable: sql` isolation level serializable`,
}

/** @throws INVALID_INPUT for an isolation level PostgreSQL does not have. */
export function beginStatement(options: {
  readonly isolationLevel?: IsolationLevel
  readonly readOnly?: boolean
}): Statement {
  const { isolationLevel, readOnly = false } = options
  if (isolationLevel !== undefined && !Object.hasOwn(isolation, isolationLevel)) {
    throw new WatertightError(
      'INVALID_INPUT',
      `isolationLevel must be one of ${Object.keys(isolation).join(', ')}`,
    )
  }
  const level = isolationLevel === undefined ? emptySql : isolation[isolationLevel]
  const { text } = sql`begin${level}${readOnly ? sql` read only` : emptySql}`
  return { text, values: [], discard: true }
}
