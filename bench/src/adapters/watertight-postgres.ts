import postgres from 'postgres'
import { postgresJsDriver } from 'watertight/postgres'
import type { Adapter, Row } from '../throughput/adapter.js'
import { subjectOf, txManager } from './watertight.js'

/** watertight over `postgres`, as it comes. */
export const watertightPostgres: Adapter = {
  name: 'watertight-postgres',
  scope: 'rls',
  shop: 'signed',
  packages: ['watertight', 'postgres'],
  open(target) {
    const sql = postgres(target.url, { max: target.poolSize })
    const tx = txManager(target, 'signed', postgresJsDriver(sql))
    const bare = (text: string): Promise<readonly Row[]> => sql.unsafe<Row[]>(text)
    return Promise.resolve(subjectOf(tx, bare, () => sql.end()))
  },
}
