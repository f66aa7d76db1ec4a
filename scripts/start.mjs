import { join } from 'node:path'
import { build, buildConsole, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

// npm start: sets up what is missing, then starts the platform. Arguments are passed on.
await install()
const built = await build()
if (built !== 0) {
  console.error('The platform was not started, because the build failed; its messages are above.')
  process.exit(built)
}
if ((await buildConsole()) !== 0) {
  console.error('The console was not bundled, its messages are above; the API starts without it.')
}
const entry = join(root, 'apps/platform/dist/start.js')
process.exitCode = await runNode(entry, process.argv.slice(2))
