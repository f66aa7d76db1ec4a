import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as parser from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openedPools } from '../../test/pool-shapes/opened-pools.js'
import { silentShapes } from '../../test/pool-shapes/silent-shapes.js'
import { usedPools } from '../../test/pool-shapes/used-pools.js'
import plugin from './index.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../../../', import.meta.url))
let scratch = ''

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'watertight-lint-'))
  await symlink(join(root, 'node_modules'), join(scratch, 'node_modules'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

it('has a README and a test beside every rule, and every rule in the recommended configuration', async () => {
  const folders = await readdir(join(here, 'rules'))
  expect(folders.toSorted()).toEqual(Object.keys(plugin.rules).toSorted())
  for (const folder of folders) {
    const files = await readdir(join(here, 'rules', folder))
    expect(files).toEqual(expect.arrayContaining(['README.md', 'index.ts', 'index.test.ts']))
  }
  const page = await readFile(join(root, 'docs/eslint.md'), 'utf8')
  for (const name of folders) expect(page).toContain(`watertight/${name}`)
  expect(Object.keys(plugin.configs.recommended.rules)).toEqual(
    Object.keys(plugin.rules).map((name) => `watertight/${name}`),
  )
})

it('works in ESLint as the documented flat configuration', async () => {
  const eslint = new ESLint({
    cwd: scratch,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.ts'], languageOptions: { parser } },
      plugin.configs.recommended,
    ],
  })
  const code = `import { Pool } from 'pg'\nexport const pool = new Pool()`
  const [result] = await eslint.lintText(code, { filePath: join(scratch, 'src/db.ts') })
  expect(result?.messages.map(({ ruleId }) => ruleId)).toEqual(['watertight/no-direct-pool'])
})

it('finds pools of other files when the parser knows types', async () => {
  const project = join(scratch, 'typed')
  await mkdir(project)
  const files = {
    'tsconfig.json': `{ "compilerOptions": { "module": "nodenext", "strict": true, "types": [] }, "include": ["*.ts"] }`,
    'db.ts': `import pg from 'pg'\nexport const pool = new pg.Pool()\nexport const threads = { query: (text: string) => text }`,
    'orders.ts': `import { pool, threads } from './db.js'\nexport const f = () => pool.query('select 1')\nexport const g = () => threads.query('x')`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
  const found = async (parserOptions: object): Promise<unknown[]> => {
    const eslint = new ESLint({
      cwd: project,
      overrideConfigFile: true,
      overrideConfig: [
        { files: ['**/*.ts'], languageOptions: { parser, parserOptions } },
        plugin.configs.recommended,
      ],
    })
    const results = await eslint.lintFiles(['orders.ts'])
    return results.flatMap(({ messages }) => messages.map(({ line }) => line))
  }
  expect(await found({ projectService: true, tsconfigRootDir: project })).toEqual([2])
  expect(await found({})).toEqual([])
})

it('reports in oxlint what it reports in ESLint', async () => {
  await transpile(here, join(scratch, 'plugin'))
  await writeFile(join(scratch, 'plugin/package.json'), '{ "type": "module" }')
  const config = {
    jsPlugins: ['./plugin/index.js'],
    categories: { correctness: 'off' },
    rules: { 'watertight/no-direct-pool': 'error' },
  }
  await writeFile(join(scratch, '.oxlintrc.json'), JSON.stringify(config))
  const plain = [...openedPools, ...usedPools, ...silentShapes].filter(
    (shape) => shape.options === undefined && shape.filename === undefined,
  )
  await mkdir(join(scratch, 'shapes'))
  for (const [index, { code }] of plain.entries()) {
    await writeFile(join(scratch, 'shapes', `${index}.ts`), code)
  }
  const lines = await oxlint(['--config', '.oxlintrc.json', '--format', 'unix', 'shapes'])
  const found = plain.map((shape, index) => ({
    name: shape.name,
    lines: lines.filter(({ file }) => file === `shapes/${index}.ts`).map(({ line }) => line),
  }))
  const expected = plain.map((shape) => ({
    name: shape.name,
    lines: 'problems' in shape ? linesOf(shape.problems) : [],
  }))
  expect(found).toEqual(expected)
})

function linesOf(problems: unknown): number[] {
  return (problems as string[]).map((problem) => Number(problem.split(' ')[1]))
}

/** The plugin as it is published: oxlint loads JavaScript. */
async function transpile(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true, recursive: true })
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length).replace(/\.ts$/, '.js'))
    await mkdir(dirname(target), { recursive: true })
    const { outputText } = ts.transpileModule(await readFile(source, 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    })
    await writeFile(target, outputText)
  }
}

interface Finding {
  readonly file: string
  readonly line: number
}

function oxlint(args: readonly string[]): Promise<readonly Finding[]> {
  const program = join(root, 'node_modules/oxlint/bin/oxlint')
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: scratch }, (_, stdout, stderr) => {
      const found = [...stdout.matchAll(/^(\S+?):(\d+):\d+: .*$/gm)].map(([, file, line]) => ({
        file: file ?? '',
        line: Number(line),
      }))
      if (found.length === 0) found.push({ file: `${stdout}${stderr}`, line: 0 })
      resolve(found.toSorted((a, b) => a.line - b.line))
    })
  })
}
