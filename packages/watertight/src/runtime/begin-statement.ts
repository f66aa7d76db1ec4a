import { WatertightError } from '../errors/index.js'
import type { Sql } from '../sql/index.js'
import { emptySql, sql } from '../sql/index.js'
import type { Statement } from './driver.js'

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

/** The statements that begin a transaction of one level. */
interface Beginnings {
  readonly readWrite: Statement
  readonly readOnly: Statement
}

const byDefault = beginnings(emptySql)
const byLevel: ReadonlyMap<string, Beginnings> = new Map<IsolationLevel, Beginnings>([
  ['read committed', beginnings(sql` isolation level read committed`)],
  ['repeatable read', beginnings(sql` isolation level repeatable read`)],
  ['serializable', beginnings(sql` isolation level serializable`)],
])

/** @throws INVALID_INPUT for an isolation level PostgreSQL does not have. */
export function beginStatement(
  isolationLevel: IsolationLevel | undefined,
  readOnly: boolean,
): Statement {
  const found = isolationLevel === undefined ? byDefault : byLevel.get(isolationLevel)
  if (found === undefined) {
    const known = [...byLevel.keys()].join(', ')
    throw new WatertightError('INVALID_INPUT', `isolationLevel must be one of ${known}`)
  }
  return readOnly ? found.readOnly : found.readWrite
}

function beginnings(level: Sql): Beginnings {
  return {
    readWrite: beginning(sql`begin${level}`),
    readOnly: beginning(sql`begin${level} read only`),
  }
}

function beginning({ text }: Sql): Statement {
  return Object.freeze({ text, values: [], discard: true })
}
