import type { TableName } from 'watertight/model'

/** Says which objects carry exactly the isolation layer that watertight generates for the model. */
export interface GeneratedLayer {
  isExact(table: TableName): boolean
}
