import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode, runProgram } from './run-program.mjs'

/** Installs the dependencies when they are missing or not those of package-lock.json. */
export async function install() {
  requireNode(20, 19)
  const reason = findStaleness()
  if (reason === undefined) return
  console.log(`Installing dependencies with "npm ci", because ${reason}.`)
  console.log(
    'They hold four PostgreSQL servers, about 250 MB; a first time takes a minute or two.',
  )
  const npm = process.env['npm_execpath']
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const code = npm ? await runNode(npm, args) : await runProgram('npm', args)
  if (code !== 0) {
    console.error('"npm ci" failed; its messages are above.')
    process.exit(code)
  }
}

/** Compiles what changed and resolves to the compiler's exit code. */
export async function build() {
  console.log('Building …')
  return runNode(join(root, 'node_modules/typescript/bin/tsc'), ['-b'])
}

/** Bundles the console for browsers when its sources are newer, and resolves to the exit code. */
export async function buildConsole() {
  const folder = join(root, 'apps/console')
  const inputs = ['src', 'index.html', 'vite.config.ts', 'package.json'].map((name) =>
    join(folder, name),
  )
  const bundled = newestChange(join(folder, 'dist/web/index.html'))
  if (bundled > Math.max(...inputs.map(newestChange))) return 0
  console.log('Bundling the console …')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  return runNode(vite, ['build', '--logLevel', 'warn', folder])
}

/** Milliseconds of the epoch at which a file, or the latest below a folder, was written; else 0. */
function newestChange(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))))
}

function requireNode(major, minor) {
  const [hasMajor = 0, hasMinor = 0] = process.versions.node.split('.').map(Number)
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return
  console.error(`Node ${major}.${minor} or newer is needed; this is ${process.versions.node}.`)
  process.exit(1)
}

/** Compares the lock file with the one that npm leaves in node_modules when it has finished. */
function findStaleness() {
  const wanted = readLock(join(root, 'package-lock.json'))
  const installed = readLock(join(root, 'node_modules/.package-lock.json'))
  if (wanted === undefined) return 'package-lock.json cannot be read'
  if (installed === undefined) return 'node_modules is missing or incomplete'
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || entry.link) continue
    const found = installed[path]
    const isForOtherPlatform = entry.optional || entry.devOptional || entry.peer
    if (found === undefined && isForOtherPlatform) continue
    if (found?.version !== entry.version) {
      return `${path.split('node_modules/').at(-1)} ${entry.version} is not installed`
    }
  }
  return undefined
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}
