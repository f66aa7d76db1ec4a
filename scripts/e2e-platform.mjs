import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEraserProgram } from './eraser-program.mjs'
import { root } from './run-program.mjs'

/**
 * The platform of this workspace in this process, on a free port, over a database of its own with the
 * data of the demo; it hands out the console of `consoleFolder`. The eraser is a process of its own, as
 * it is elsewhere. `checks` starts the checker as well, which answers who asks for a proof.
 */
export async function startPlatform({ password, consoleFolder, checks = false }) {
  const built = join(root, 'apps/platform/dist')
  const { bootPlatform } = await import(join(built, 'boot/boot-platform.js'))
  const { loginUrlOf, roleUrlsOf } = await import(join(built, 'boot/role-urls.js'))
  const { readServerSetup } = await import(join(built, 'serve/read-server-setup.js'))
  const { servePlatform } = await import(join(built, 'serve/serve-platform.js'))
  const { startChecker } = await import(join(built, 'isolation/checker/start-checker.js'))
  const platform = await bootPlatform({
    url: null,
    dataDir: null,
    database: 'watertight_e2e',
    rolePrefix: 'e2e',
    signingKey: undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  const exportFolder = mkdtempSync(join(tmpdir(), 'watertight-e2e-exports-'))
  const eraser = startEraserProgram({
    databaseUrl: loginUrlOf(platform, 'eraser'),
    exportFolder,
  })
  const stopAll = async (server) => {
    await eraser.stop()
    await server?.stop()
    await platform.stop()
    rmSync(exportFolder, { recursive: true, force: true })
  }
  try {
    const server = await servePlatform({
      urls: roleUrlsOf(platform),
      signingKey: platform.signingKey,
      keys: platform.keys,
      setup: readServerSetup({
        PORT: '0',
        DEMO_PASSWORD: password,
        CONSOLE_FOLDER: consoleFolder,
        PLATFORM_EXPORT_FOLDER: exportFolder,
      }),
      workers: true,
      diagnosticsUrl: platform.server.adminUrl,
    })
    const checker = checks ? startChecker(platform.server.adminUrl, 'e2e') : null
    return {
      origin: server.publicUrl,
      databaseUrl: platform.server.adminUrl,
      exportFolder,
      async stop() {
        await checker?.stop()
        await stopAll(server)
      },
    }
  } catch (error) {
    await stopAll()
    throw error
  }
}
