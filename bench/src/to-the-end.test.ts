import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'watertight-to-the-end-'))
const source = readFileSync(new URL('to-the-end.ts', import.meta.url), 'utf8')
const { ESNext } = ts.ModuleKind
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ESNext } })
writeFileSync(join(folder, 'to-the-end.mjs'), outputText)
afterAll(() => rmSync(folder, { recursive: true }))

function ended(work: string): { readonly status: number | null; readonly said: string } {
  const script = join(folder, 'program.mjs')
  const wait = `await toTheEnd(${work})\nprocess.stdout.write('done')\n`
  writeFileSync(script, `import { toTheEnd } from './to-the-end.mjs'\n${wait}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test.each([
  ['waits for what never comes', '() => new Promise(() => undefined)'],
  ['is ended by somebody', 'async () => process.exit(0)'],
])('a benchmark that %s fails and says so', (_, work) => {
  const run = ended(work)
  expect(run.status).toBe(1)
  expect(run.said).toContain('the process ended before its work had')
})

test('a benchmark that is done says nothing', () => {
  expect(ended('async () => 1')).toEqual({ status: 0, said: 'done' })
})
