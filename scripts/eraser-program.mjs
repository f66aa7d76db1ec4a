import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from './run-program.mjs'

/**
 * The eraser of this workspace as a process of its own, which looks every second for what is due.
 * What it says of failures is shown; `stop` tells it to end and resolves when it has.
 */
export function startEraserProgram({ databaseUrl, exportFolder }) {
  const eraser = spawn(process.execPath, [join(root, 'apps/platform/dist/eraser.js')], {
    env: {
      ...process.env,
      PLATFORM_ERASER_URL: databaseUrl,
      PLATFORM_EXPORT_FOLDER: exportFolder,
      PLATFORM_ERASER_INTERVAL: '1',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(eraser, 'exit')
  return {
    async stop() {
      eraser.kill('SIGTERM')
      await ended
    },
  }
}
