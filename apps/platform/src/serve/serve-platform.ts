import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { createHttpTenancy } from 'watertight/http'
import type { SigningKey, TxManager } from 'watertight/runtime'
import { buildApi } from '../api/build-api.js'
import type { LogSink } from '../api/log-options.js'
import { routes } from '../api/routes.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { RoleUrls } from '../boot/open-tx-manager.js'
import { serveConsole } from '../console/serve-console.js'
import { openExplainer } from '../explain/explainer.js'
import { openIdentity } from '../identity/open-identity.js'
import type { OpenIdentity } from '../identity/open-identity.js'
import { mountDemoProvider } from '../identity/provider/demo-provider.js'
import { auditRefusals } from '../keys/audit-refusals.js'
import { configureKeys } from '../keys/key-setup.js'
import type { KeySetup } from '../keys/key-setup.js'
import { openDiagnostics } from '../performance/diagnostics.js'
import { planContext } from '../performance/plans/plan-context.js'
import { TenantLoad } from '../performance/tenant-load.js'
import { collectingMailer } from '../mail/collecting-mailer.js'
import type { Mail, Mailer } from '../mail/mailer.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'
import { localDirectoryStorage } from '../workers/exports/local-directory-storage.js'
import { sealedStorage } from '../workers/exports/sealed-storage.js'
import { startWorkers } from '../workers/start-workers.js'
import { choosePort } from './choose-port.js'
import type { ServerSetup } from './read-server-setup.js'

export interface ServeOptions {
  readonly urls: RoleUrls
  readonly signingKey: SigningKey
  readonly keys: KeySetup
  readonly setup: ServerSetup
  /** False where workers are processes of their own. */
  readonly workers: boolean
  readonly log?: LogSink
  /** Of workers in this process; in a demo mails are kept and not sent, else left to others. */
  readonly mailer?: Mailer
  /** Is told of every mail of a demo that would have been sent. */
  readonly onDemoMail?: (mail: Mail) => void
  /** Connections of each role; 4 by default. */
  readonly poolSize?: number
  /** Addresses of proxies whose `X-Forwarded-For` counts; none by default. */
  readonly trustProxy?: readonly string[]
  /** Login that reads statistics of the server for platform staff; without it there are none. */
  readonly diagnosticsUrl?: string
}

/** The platform, answering. */
export interface ServedPlatform {
  /** Where it is reached, without a slash at the end. */
  readonly publicUrl: string
  readonly identity: OpenIdentity
  readonly tx: TxManager
  readonly log: FastifyBaseLogger
  /** Where exports are kept. */
  readonly exports: ExportStorage
  /** Has `/readyz` answer 503 from now on, while requests are still taken. */
  drain(): void
  /** Takes no more requests, finishes those in hand and the workers' items, closes everything. */
  stop(): Promise<void>
}

/**
 * Opens identity, API and workers on a database that is set up, and listens.
 *
 * @throws UNSAFE_ROLE, CONNECTION_FAILED, AUTHENTICATION_FAILED, KEYS_UNAVAILABLE; nothing is left open
 * then.
 */
export async function servePlatform(options: ServeOptions): Promise<ServedPlatform> {
  const { setup, keys, poolSize, trustProxy } = options
  let isDraining = false
  const closers: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    const port = await choosePort(setup.host, setup.port)
    const publicUrl = setup.publicUrl ?? `http://${hostOf(setup.host)}:${String(port)}`
    const opened = await openTxManager(options.urls, options.signingKey, poolSize)
    closers.push(opened.close)
    const refusals = auditRefusals(opened.tx)
    closers.push(() => refusals.settled().catch(() => undefined))
    configureKeys({ ...keys, onRefused: refusals.onRefused })
    const identity = await openIdentity(opened.tx, setup.identity(publicUrl), publicUrl)
    const storage = sealedStorage(localDirectoryStorage(await exportFolder(setup, closers)))
    if (options.workers) {
      const { loopbackTargets } = setup
      // Elsewhere than in a demo a mail that nobody sends has to wait, not to count as sent.
      const mailer =
        options.mailer ?? (identity.demo === null ? null : collectingMailer(options.onDemoMail))
      const workers = startWorkers({
        tx: opened.tx,
        exportStorage: storage,
        webhooks: { loopbackTargets },
        ...(mailer !== null && { mailer }),
      })
      closers.push(() => workers.stop())
    }
    const { diagnosticsUrl } = options
    const app = await buildApi({
      http: createHttpTenancy(identity.options),
      routes,
      services: {
        sessions: identity.sessions,
        exports: storage,
        explainer: openExplainer(opened.tx),
        load: new TenantLoad(),
        publicUrl,
        ...(diagnosticsUrl !== undefined && {
          diagnostics: openDiagnostics(
            diagnosticsUrl,
            planContext(options.urls, options.signingKey),
          ),
        }),
      },
      isDraining: () => isDraining,
      ...(options.log !== undefined && { log: options.log }),
      ...(trustProxy !== undefined && trustProxy.length > 0 && { trustProxy: [...trustProxy] }),
    })
    closers.push(() => app.close())
    if (identity.demo !== null) await mountDemoProvider(app, identity.demo.provider)
    if (setup.consoleFolder !== null) {
      const { consoleClientId } = setup.identity(publicUrl)
      const { issuer } = identity
      await serveConsole(app, { folder: setup.consoleFolder, issuer, clientId: consoleClientId })
    }
    await app.listen({ host: setup.host, port })
    const drain = (): void => {
      isDraining = true
    }
    return { publicUrl, identity, tx: opened.tx, log: app.log, exports: storage, drain, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

/** The folder of the environment, or one that goes when the server stops. */
async function exportFolder(
  { exportFolder: given }: ServerSetup,
  closers: (() => Promise<unknown>)[],
): Promise<string> {
  if (given !== null) return given
  const folder = await mkdtemp(join(tmpdir(), 'platform-exports-'))
  closers.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** As a URL has it: an address of IPv6 in brackets, and one that stands for all as this machine. */
function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
