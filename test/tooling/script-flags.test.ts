import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { benches } from '../../scripts/bench-flags.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>
}
const scripts = readdirSync(`${root}scripts`).filter((name) => {
  const text = name.endsWith('.mjs') ? readFileSync(`${root}scripts/${name}`, 'utf8') : ''
  return text.includes("from './flags.mjs'") && name !== 'bench.mjs'
})

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

const calls: [name: string, args: string[]][] = [
  ...scripts.map((name): [string, string[]] => [name, [`scripts/${name}`]]),
  ['bench.mjs throughput', ['scripts/bench.mjs', 'throughput']],
]

test.each(calls)('%s says with --help how it is called, and does nothing else', (_, args) => {
  const { code, out, err } = run(...args, '--help')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^usage: (npm|node) .+\n\n.+/)
  expect(out).toContain('  --help')
})

// What follows `npm test --` is for vitest, which refuses what it does not know.
const own = calls.filter(([name]) => name !== 'test.mjs')

test.each(own)('%s refuses a flag that it does not have', (_, args) => {
  const { code, out, err } = run(...args, '--no-such-flag')
  expect({ code, out }).toEqual({ code: 64, out: '' })
  expect(err).toContain('--no-such-flag')
})

test('every benchmark of package.json has its flags listed, and every list its benchmark', () => {
  const called = Object.values(manifest.scripts).flatMap(
    (line) => /^node scripts\/bench\.mjs (\S+)$/.exec(line)?.[1] ?? [],
  )
  expect(called.toSorted()).toEqual(Object.keys(benches).toSorted())
})

/** What a program gives to itself when it starts again for a figure of its own. */
const internal = new Set(['scenario', 'start', 'read', 'measure', 'role', 'cache'])

test.each(Object.entries(benches))('the program %s reads the flags listed', (_, bench) => {
  const source = bench.program
    .replace(/^.*dist\/bench\/src\//, 'bench/src/')
    .replace('/dist/', '/src/')
  const text = readFileSync(`${root}${source.replace(/\.js$/, '.ts')}`, 'utf8')
  const options = /parseArgs\(\{\s*options: \{(.*?)\n {2}\},\n/s.exec(text)?.[1] ?? ''
  const read = [...options.matchAll(/^ {4}'?([\w-]+)'?: \{ type/gm)].flatMap(([, flag]) =>
    flag === undefined || internal.has(flag) ? [] : [flag],
  )
  expect(read.toSorted()).toEqual(Object.keys(bench.flags).toSorted())
})
