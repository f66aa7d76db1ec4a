import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { afterEach, beforeEach, expect, test } from 'vitest'
import config from '../../.dependency-cruiser.mjs'

const resolveOptions = { extensions: ['.ts', '.js'] }
const model = 'packages/watertight/src/model'
const plan = 'packages/watertight/src/plan'

let tree: string

beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'watertight-levels-'))
  await mkdir(join(tree, 'apps'))
})

afterEach(async () => {
  await rm(tree, { recursive: true, force: true })
})

/** Names of the rules that a source tree breaks. */
async function brokenRules(files: Record<string, string>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  const { forbidden, options } = config
  const ruleSet = { forbidden: forbidden ?? [] }
  const cruiseOptions = { ...options, baseDir: tree, ruleSet, validate: true }
  const { output } = await cruise(['packages', 'apps'], cruiseOptions, resolveOptions)
  if (typeof output === 'string') throw new Error(output)
  return [...new Set(output.summary.violations.map(({ rule }) => rule.name))].toSorted()
}

const cases: { threat: string; files: Record<string, string>; broken: string[] }[] = [
  {
    threat: 'a folder that imports a lower level breaks nothing',
    files: {
      [`${plan}/a.ts`]: `import { b } from '../model/b.js'\nexport const a = b\n`,
      [`${model}/b.ts`]: `export const b = 1\n`,
    },
    broken: [],
  },
  {
    threat: 'a folder that imports a higher level',
    files: {
      [`${model}/a.ts`]: `import { b } from '../plan/b.js'\nexport const a = b\n`,
      [`${plan}/b.ts`]: `export const b = 1\n`,
    },
    broken: ['level-of-watertight-model'],
  },
  {
    threat: 'a folder that imports another one of its own level, be it types only',
    files: {
      [`${model}/a.ts`]: `import type { B } from '../catalog/b.js'\nexport type A = B\n`,
      'packages/watertight/src/catalog/b.ts': `export type B = 1\n`,
    },
    broken: ['level-of-watertight-model'],
  },
  {
    threat: 'a folder that was given no level',
    files: {
      'packages/watertight/src/utils/a.ts': `import { b } from '../model/b.js'\nexport const a = b\n`,
      [`${model}/b.ts`]: `export const b = 1\n`,
    },
    broken: ['folder-without-level-in-watertight'],
  },
  {
    threat: 'two files that import each other',
    files: {
      [`${model}/a.ts`]: `import { b } from './b.js'\nexport const a = (): number => b()\n`,
      [`${model}/b.ts`]: `import { a } from './a.js'\nexport const b = (): number => a()\n`,
    },
    broken: ['no-cycle'],
  },
  {
    threat: 'a lower package that imports a higher one by its path',
    files: {
      [`${model}/a.ts`]: `import { b } from '../../../verifier/src/findings/b.js'\nexport const a = b\n`,
      'packages/verifier/src/findings/b.ts': `export const b = 1\n`,
    },
    broken: ['other-package-by-path', 'package-order-watertight'],
  },
  {
    threat: 'a pure folder that reads files or opens connections',
    files: {
      [`${plan}/a.ts`]: `import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n`,
      [`${model}/a.ts`]: `import { connect } from 'node:net'\nexport const a = connect\n`,
    },
    broken: ['no-input-output-in-pure-folders'],
  },
  {
    threat: 'a pure folder that computes a hash breaks nothing',
    files: {
      [`${plan}/a.ts`]: `import { createHash } from 'node:crypto'\nexport const a = createHash\n`,
    },
    broken: [],
  },
]

test.each(cases)('$threat', async ({ files, broken }) => {
  expect(await brokenRules(files)).toEqual(broken)
})
