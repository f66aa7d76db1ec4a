import postgres from 'postgres'
import { describeDriver } from '../../../../test/driver-contract.js'
import { postgresJsDriver } from './postgres-js.js'

describeDriver('postgres', (url) => open(url, {}))
describeDriver('postgres without prepared statements', (url) =>
  open(url, { prepare: false, fetch_types: false }),
)

function open(url: string, options: postgres.Options<Record<string, postgres.PostgresType>>) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, ...options })
  return { driver: postgresJsDriver(sql), close: () => sql.end() }
}
