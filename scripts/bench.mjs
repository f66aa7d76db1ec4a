import { join } from 'node:path'
import { benches } from './bench-flags.mjs'
import { readFlags } from './flags.mjs'
import { root, runNode } from './run-program.mjs'

// node scripts/bench.mjs NAME [flags]: builds one of the benchmarks and runs it; npm run bench:NAME.
const [name, ...args] = process.argv.slice(2)
const bench = benches[name]
if (bench === undefined) {
  console.error(`There is no benchmark ${name}; there are ${Object.keys(benches).join(', ')}.`)
  process.exit(64)
}
const { usage, about, flags, project, program } = bench
readFlags({ usage, about, flags }, args)
const built = await runNode(join(root, 'node_modules/typescript/bin/tsc'), ['-b', project], {
  // What a benchmark prints may be read by a program; messages of the compiler are for people.
  stdio: ['inherit', 2, 'inherit'],
})
process.exitCode = built === 0 ? await runNode(join(root, program), args) : built
