import { join } from 'node:path'
import { readFlags } from './flags.mjs'
import { install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

const checks = [
  ['types', 'typescript/bin/tsc', ['-b']],
  ['types of the tests', 'typescript/bin/tsc', ['-p', 'tsconfig.test.json']],
  ['types of the browser tests', 'typescript/bin/tsc', ['-p', 'apps/console/test']],
  ['lint', 'oxlint/bin/oxlint', []],
  [
    'import levels and cycles',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '.dependency-cruiser.mjs', 'packages', 'apps', 'examples'],
  ],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']],
  ['unused files, exports and dependencies', 'knip/bin/knip.js', ['--no-progress']],
]

const { positionals: asked } = readFlags({
  usage: 'npm run check -- [PART …]',
  about: 'Everything that can be judged without running the code.',
  operands: `PART: words of a name, to run these alone: ${checks.map(([name]) => name).join('; ')}`,
})
await install()
const failed = []
for (const [name, program, args] of checks) {
  if (asked.length > 0 && !asked.some((part) => name.includes(part))) continue
  console.log(`check: ${name}`)
  const code = await runNode(join(root, 'node_modules', program), args)
  if (code !== 0) failed.push(name)
}
console.log(
  failed.length === 0 ? 'check: everything holds' : `check: failed are ${failed.join('; ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
