import ipaddr from 'ipaddr.js'
import type { SigningKey } from 'watertight/runtime'
import type { LogSink } from '../api/log-options.js'
import type { RoleUrls } from '../boot/open-tx-manager.js'
import type { KeySetup } from '../keys/key-setup.js'
import { readKeySetup } from '../keys/read-key-setup.js'
import { readEnvironment } from '../program/environment.js'
import type { Variables } from '../program/environment.js'
import { usualPort } from './choose-port.js'
import { readServerSetup } from './read-server-setup.js'
import type { ServerSetup } from './read-server-setup.js'

/** What a server process is told by its environment. */
export interface ServerEnvironment {
  readonly urls: RoleUrls
  readonly signingKey: SigningKey
  readonly keys: KeySetup
  readonly setup: ServerSetup & { readonly port: number }
  readonly poolSize: number
  /** False where workers are processes of their own. */
  readonly workers: boolean
  /** Addresses of proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[]
  /** Seconds between saying that the server is not ready and taking no more requests. */
  readonly drainSeconds: number
  readonly logLevel: NonNullable<LogSink['level']>
  /** Login that reads statistics of the server for platform staff. */
  readonly diagnosticsUrl?: string
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const

/**
 * Reads the environment of a server process, with all problems at once; no value is shown.
 *
 * In production (`NODE_ENV`) people sign in at an issuer of yours and never at the demo's, what
 * processes share is configured, and webhooks reach nothing on this machine.
 *
 * @throws INVALID_INPUT with every problem.
 */
export function readServerEnvironment(variables: Variables): ServerEnvironment {
  const read = readEnvironment(variables)
  const { problem, optional } = read
  const urls = {
    app: read.databaseUrl('PLATFORM_APP_URL'),
    worker: read.databaseUrl('PLATFORM_WORKER_URL'),
    auditor: read.databaseUrl('PLATFORM_AUDITOR_URL'),
    platform: read.databaseUrl('PLATFORM_PLATFORM_URL'),
    public: read.databaseUrl('PLATFORM_PUBLIC_URL'),
  }
  const signingKey = read.signingKey()
  const keys = read.with(() => readKeySetup(variables))
  if (keys === undefined) {
    problem('PLATFORM_KEY_ENCRYPTION_KEY', 'is required, or PLATFORM_AWS_KMS_REGION')
  }
  read.required('PLATFORM_EXPORT_FOLDER')
  if (optional('NODE_ENV') === 'production') {
    read.required('PUBLIC_URL')
    read.required('PLATFORM_SESSION_KEY')
    if (optional('OIDC_ISSUER') === null) {
      problem('OIDC_ISSUER', "is required in production: the demo's provider is not for it")
    }
    if (optional('PLATFORM_WEBHOOK_LOOPBACK_TARGETS') !== null) {
      problem('PLATFORM_WEBHOOK_LOOPBACK_TARGETS', 'is not for production')
    }
  }
  const setup = read.with(() => readServerSetup(variables))
  const poolSize = read.whole('PLATFORM_CONNECTIONS', 4, 1, 100)
  const workers = read.flag('PLATFORM_RUN_WORKERS', false)
  const drainSeconds = read.whole('PLATFORM_DRAIN_SECONDS', 0, 0, 300)
  const level = optional('PLATFORM_LOG_LEVEL') ?? 'info'
  const logLevel = logLevels.find((one) => one === level)
  if (logLevel === undefined) problem('PLATFORM_LOG_LEVEL', `is one of ${logLevels.join(', ')}`)
  const trustProxy = (optional('PLATFORM_TRUST_PROXY') ?? '')
    .split(',')
    .flatMap((address) => address.trim() || [])
  if (!trustProxy.every(isNetwork)) {
    problem('PLATFORM_TRUST_PROXY', 'are addresses or networks (10.0.0.0/16), with commas')
  }
  const hasDiagnostics = optional('PLATFORM_DIAGNOSTICS_URL') !== null
  const diagnosticsUrl = hasDiagnostics ? read.databaseUrl('PLATFORM_DIAGNOSTICS_URL') : null
  read.refuseProblems()
  if (signingKey === null || !keys || setup === null || logLevel === undefined) {
    throw new Error('a problem of the environment was not said')
  }
  return {
    urls,
    signingKey,
    keys,
    setup: { ...setup, port: setup.port ?? usualPort },
    poolSize,
    workers,
    trustProxy,
    drainSeconds,
    logLevel,
    ...(diagnosticsUrl !== null && { diagnosticsUrl }),
  }
}

/** An address of IPv4 or IPv6, or a network of them. */
function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text)
}
