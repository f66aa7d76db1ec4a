import { WatertightError } from '../errors/index.js'
import type { Sql } from '../sql/index.js'
import { emptySql, sql } from '../sql/index.js'
import type { Statement } from './driver.js'

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

export interface RunOptions {
  /** The server's default when left out. */
  readonly isolationLevel?: IsolationLevel
  /** Makes every write fail. */
  readonly readOnly?: boolean
}

const isolation: Record<IsolationLevel, Sql> = {
  'read committed': sql` isolation level read committed`,
  'repeatable read': sql` isolation level repeatable read`,
  serializable: sql` isolation level serializable`,
}

/** @throws INVALID_INPUT for an isolation level PostgreSQL does not have. */
export function beginStatement({ isolationLevel, readOnly = false }: RunOptions): Statement {
  if (isolationLevel !== undefined && !Object.hasOwn(isolation, isolationLevel)) {
    throw new WatertightError(
      'INVALID_INPUT',
      `isolationLevel must be one of ${Object.keys(isolation).join(', ')}`,
    )
  }
  const level = isolationLevel === undefined ? emptySql : isolation[isolationLevel]
  return { text: sql`begin${level}${readOnly ? sql` read only` : emptySql}`.text, values: [] }
}
