import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import { parseSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'
import type { SmtpOptions } from '../mail/smtp-mailer.js'
import type { MetricsAddress } from './serve-metrics.js'
import type { QueueName } from './worker-observer.js'
import { queueNames } from './worker-observer.js'

/** What a worker process is told by its environment. */
export interface WorkerSetup {
  readonly databaseUrl: string
  readonly poolSize: number
  readonly signingKey: SigningKey
  readonly exportFolder: string
  /** How mails are sent; null leaves them to other workers. */
  readonly smtp: SmtpOptions | null
  readonly queues: readonly QueueName[]
  readonly loopbackTargets: readonly string[]
  /** Seconds; longer than a delivery takes. */
  readonly lease: number
  /** Where figures are collected; null when nobody collects them. */
  readonly metrics: MetricsAddress | null
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment of a worker process.
 *
 * @throws INVALID_INPUT with every problem at once; no value is shown.
 */
export function readWorkerSetup(variables: Variables): WorkerSetup {
  const problems: Problem[] = []
  const problem = (path: string, message: string): void => void problems.push({ path, message })
  const required = (name: string): string => {
    const value = variables[name] ?? ''
    if (value === '') problem(name, 'is required')
    return value
  }
  const list = (name: string): string[] =>
    (variables[name] ?? '').split(',').flatMap((item) => item.trim() || [])

  const databaseUrl = required('PLATFORM_WORKER_URL')
  const isUrl = /^postgres(ql)?:\/\//.test(databaseUrl) && URL.canParse(databaseUrl)
  if (databaseUrl !== '' && !isUrl) problem('PLATFORM_WORKER_URL', 'is no URL of PostgreSQL')
  const key = required('WATERTIGHT_SIGNING_KEY')
  let signingKey: SigningKey | null = null
  try {
    if (key !== '') signingKey = parseSigningKey(key)
  } catch {
    problem('WATERTIGHT_SIGNING_KEY', 'is no signing key')
  }
  const exportFolder = required('PLATFORM_EXPORT_FOLDER')
  const wanted = list('PLATFORM_WORKER_QUEUES')
  const queues = queueNames.filter((queue) => wanted.length === 0 || wanted.includes(queue))
  if (wanted.some((queue) => !(queueNames as readonly string[]).includes(queue))) {
    problem('PLATFORM_WORKER_QUEUES', `are some of ${queueNames.join(', ')}`)
  }
  const whole = (name: string, usual: number, most: number): number => {
    const value = Number(variables[name] || usual)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    problem(name, `must be a whole number from 1 to ${String(most)}`)
    return usual
  }
  const smtpUrl = variables['PLATFORM_SMTP_URL'] ?? ''
  const from = variables['PLATFORM_MAIL_FROM'] ?? ''
  if (smtpUrl !== '' && !(/^smtps?:\/\//.test(smtpUrl) && URL.canParse(smtpUrl))) {
    problem('PLATFORM_SMTP_URL', 'is no URL of a mail server')
  }
  if (smtpUrl !== '' && !/^[^\r\n]*@[^\r\n]+$/.test(from)) {
    problem('PLATFORM_MAIL_FROM', 'must be the sender of mails')
  }
  const smtp = smtpUrl === '' ? null : { url: smtpUrl, from }
  const poolSize = whole('PLATFORM_WORKER_CONNECTIONS', 8, 100)
  const lease = whole('PLATFORM_DELIVERY_LEASE', 60, 3600)
  const port = variables['PLATFORM_WORKER_METRICS_PORT'] ?? ''
  const host = variables['PLATFORM_WORKER_METRICS_HOST'] || '127.0.0.1'
  const metrics = port === '' ? null : { host, port: Number(port) }
  if (metrics !== null && !(/^\d+$/.test(port) && metrics.port <= 65_535)) {
    problem('PLATFORM_WORKER_METRICS_PORT', 'is no port')
  }
  if (problems.length > 0 || signingKey === null) {
    const summary = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new WatertightError('INVALID_INPUT', `the environment: ${summary}`, { problems })
  }
  const loopbackTargets = list('PLATFORM_WEBHOOK_LOOPBACK_TARGETS')
  return {
    databaseUrl,
    poolSize,
    signingKey,
    exportFolder,
    smtp,
    queues,
    loopbackTargets,
    lease,
    metrics,
  }
}
