import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'
import { lintSql } from '../../test/describe-rule.js'
import { readCases } from '../../test/readme-cases.js'
import type { CatalogRule } from './rule.js'

const script = fileURLToPath(new URL('../../../../scripts/new-rule.mjs', import.meta.url))
// As deep as the folder of lint itself, so that the imports of what is made lead to the same files.
const own = mkdtempSync(fileURLToPath(new URL('../.scaffold-', import.meta.url)))
const folder = join(own, 'rules', 'some-thing')
const lint = fileURLToPath(new URL('.', import.meta.url))

/** In milliseconds: the compiler reads what the rule imports. */
const slow = 120_000

function make(id: string): number | null {
  return spawnSync(process.execPath, [script, id, '--lint', own]).status
}

afterAll(() => rmSync(own, { recursive: true, force: true }))

it(
  'scaffolds a rule that compiles, is registered in its place, and is red until it is filled',
  async () => {
    mkdirSync(join(own, 'rules'))
    for (const file of ['registry.ts', 'rule.ts', 'reach.ts'])
      copyFileSync(join(lint, file), join(own, file))
    execFileSync(process.execPath, [script, 'some-thing', '--lint', own])

    const registry = readFileSync(join(own, 'registry.ts'), 'utf8')
    const ids = [...registry.matchAll(/'\.\/rules\/(.*)\/index\.js'/g)].map(([, id]) => id)
    expect(ids).toContain('some-thing')
    expect(ids).toEqual(ids.toSorted())
    expect(registry).toContain('\n  someThing,\n')

    expect(faults(join(folder, 'index.ts'))).toEqual([])
    const { someThing }: { someThing: CatalogRule } = await import(
      pathToFileURL(join(folder, 'index.ts')).href
    )
    const cases = readCases(pathToFileURL(join(folder, 'index.test.ts')).href)
    // The test of the page wants a finding here, and there is none yet.
    expect(await lintSql(someThing, cases.bad)).toEqual([])
    expect(await lintSql(someThing, cases.good)).toEqual([])
  },
  slow,
)

it('refuses an id that is none, and a rule that is there', () => {
  expect(make('Some_Thing')).toBe(64)
  expect(make('some-thing')).toBe(4)
  expect(existsSync(join(own, 'rules', 'Some_Thing'))).toBe(false)
})

function faults(file: string): readonly string[] {
  const path = fileURLToPath(new URL('../../../../tsconfig.test.json', import.meta.url))
  const read = ts.getParsedCommandLineOfConfigFile(
    path,
    { noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )
  const program = ts.createProgram([file], { ...read?.options, noEmit: true })
  const source = program.getSourceFile(file)
  return [
    ...program.getSemanticDiagnostics(source),
    ...program.getSyntacticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}
