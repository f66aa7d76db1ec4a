import { parseTenantContext } from 'watertight/runtime'
import { startReports } from './app.js'

const { env } = process

const reports = await startReports({
  workerUrl: env['DATABASE_URL_WORKER'] ?? '',
  queueUrl: env['DATABASE_URL_MIGRATOR'] ?? '',
  signingKey: env['WATERTIGHT_SIGNING_KEY'] ?? '',
})
const tenantId = env['TENANT'] ?? ''
console.log(await reports.request(parseTenantContext({ mode: 'member', tenantId })))
process.once('SIGTERM', () => void reports.stop())
