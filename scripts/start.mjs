import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

// npm start: sets up what is missing, then starts the platform. Arguments are passed on.
await install()
const built = await build()
const entry = join(root, 'apps/platform/dist/start.js')
if (built !== 0 || !existsSync(entry)) {
  console.error('The platform was not started, because the build failed.')
  process.exit(built === 0 ? 1 : built)
}
process.exitCode = await runNode(entry, process.argv.slice(2))
