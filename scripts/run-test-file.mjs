import { join } from 'node:path'
import { build, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

/** Installs and builds what is missing, runs one test file, and resolves to the exit code. */
export async function runTestFile(file, args = []) {
  await install()
  const built = await build()
  if (built !== 0) return built
  return runNode(join(root, 'node_modules/vitest/vitest.mjs'), ['run', file, ...args])
}
