import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { commandEntries } from '../../packages/cli/src/commands/registry.js'
import { parseFlags } from '../../packages/cli/src/flags/parse-flags.js'
import { runCli } from '../../packages/cli/src/testing/run-cli.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = listFiles(/\.md$/).filter(
  (name) => !/lint\/rules\/|\/attacks\/|bench\/results\//.test(name),
)
const textOf = new Map(pages.map((name) => [name, readFileSync(join(root, name), 'utf8')]))

/** Files of the checkout by path, without what is installed or built. */
function listFiles(pattern: RegExp, folder = ''): string[] {
  const skipped = /^(node_modules|dist|\.git|\.watertight|coverage|test-results|\.terraform)$/
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (skipped.test(entry.name)) return []
    if (entry.isDirectory()) return listFiles(pattern, path)
    return pattern.test(entry.name) ? [path] : []
  })
}

/** What is in code: inline, or a line of a block, with lines that end in a backslash joined. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, '').split('\n'),
  )
  const prose = text.replaceAll(/^```.*?^```/gms, '')
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
    code.replaceAll(/\s+/g, ' '),
  )
  return [...blocks, ...inline]
}

/** The id that a heading has on a page. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const faultsOf = (judge: (text: string, name: string) => string[]): string[] =>
  [...textOf].flatMap(([name, text]) => judge(text, name).map((fault) => `${name}: ${fault}`))

test('no page links to a file or heading that is not there', () => {
  const faults = faultsOf((text, name) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? name : join(dirname(name), path)
        if (!existsSync(join(root, file))) return true
        if (anchor === undefined || statSync(join(root, file)).isDirectory()) return false
        return !anchorsOf(textOf.get(file) ?? '').includes(anchor)
      }),
  )
  expect(faults).toEqual([])
})

/** The arguments of a command line as a shell reads them, up to a comment, pipe or redirection. */
function shellWords(line: string): string[] {
  const [command = ''] = line.split(/ # | \| | >>? | && |;|…/)
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/["']/g, ''),
  )
}

const commandLines = [...textOf].flatMap(([name, text]) =>
  codeOf(text.replaceAll(/Usage: `[^`]*`/g, '')).flatMap((line) => {
    const found = /^(?:\$ |run: |- )?(?:npx )?watertight ([a-z].*)$/.exec(line.trim())
    return found === null || found[1]?.startsWith('from ') ? [] : [[name, found[1] ?? ''] as const]
  }),
)

test('every watertight command of every page has a verb, flags and arguments that exist', async () => {
  expect(commandLines.length).toBeGreaterThan(50)
  const faults: string[] = []
  for (const [name, line] of commandLines) {
    const [verb, ...args] = shellWords(line)
    const entry = commandEntries.find((each) => each.name === verb)
    try {
      if (entry === undefined) throw new Error(`there is no verb ${verb}`)
      const command = await entry.load()
      const named = args.filter((word) => !word.startsWith('-')).length
      // A verb alone, with its flags or its first word, stands for the verb.
      const least = named < 2 ? 0 : command.operands.least
      const owner = { ...command, operands: { ...command.operands, least } }
      parseFlags(owner, args)
    } catch (error) {
      faults.push(`${name}: watertight ${line}: ${String(error)}`)
    }
  }
  expect(faults).toEqual([])
})

test('what the pages ask watertight to explain has an explanation', async () => {
  const codes = commandLines.flatMap(([name, line]) => {
    const [, code = ''] = /^explain ([\w-]+)$/.exec(line) ?? []
    return code === '' || /^[A-Z]+$/.test(code) ? [] : [[name, code] as const]
  })
  expect(codes.length).toBeGreaterThan(1)
  for (const [name, code] of codes) {
    const { exit } = await runCli(['explain', code])
    expect({ name, code, exit }).toEqual({ name, code, exit: 0 })
  }
})

test('every npm and node script that a page runs is there', () => {
  const scriptsOf = (folder: string): string[] =>
    Object.keys(
      (
        JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
          scripts?: Record<string, string>
        }
      ).scripts ?? {},
    )
  const faults = faultsOf((text, name) =>
    codeOf(text).flatMap((line) => {
      const npm = /npm run (?:-s |--silent )?([\w:-]+)(?:.* -w ([\w/-]+))?/.exec(line)
      const node =
        /(?:^|\s)(?:node |bash )?((?:scripts|packages|deploy)\/[\w/.-]+\.(?:mjs|js|sh)(?!\w))/.exec(
          line,
        )
      const places = ['', npm?.[2] ?? '', dirname(name)].filter((place) =>
        existsSync(join(root, place, 'package.json')),
      )
      return [
        ...(npm !== null && !places.some((place) => scriptsOf(place).includes(npm[1] ?? ''))
          ? [npm[0]]
          : []),
        ...(node !== null && !existsSync(join(root, node[1] ?? '')) ? [node[0]] : []),
      ]
    }),
  )
  expect(faults).toEqual([])
})

test('every error code, hazard and variable that a page names is known to the sources', () => {
  const sources = listFiles(
    /\.(ts|tsx|mjs|sh|ya?ml|tf|tftpl|conf|sql|template|env.*)$|Dockerfile|\.env/,
  )
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n')
  const names = /(?<!\$\{?)\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g
  // The command `dev` makes the name of the variable of each role.
  const ofRoles = ['WORKER', 'AUDITOR', 'PLATFORM', 'PUBLIC'].map((role) => `DATABASE_URL_${role}`)
  const known = new Set([...(sources.match(names) ?? []), ...ofRoles])
  const faults = faultsOf((text) => {
    const named = new Set(codeOf(text).flatMap((line) => line.match(names) ?? []))
    // `"$NEW_SERVER"` is a variable of the reader's shell.
    return [...named].filter((word) => !known.has(word) && !text.includes(`$${word}`))
  })
  expect(faults).toEqual([])
})

test('every import from watertight that a page shows is exported', () => {
  const packages = new Map(
    ['watertight', 'verifier', 'cli'].map((folder) => {
      const text = readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')
      const manifest = JSON.parse(text) as {
        name: string
        exports: Record<string, { 'watertight-source'?: string }>
      }
      return [manifest.name, { folder, exports: manifest.exports }] as const
    }),
  )
  const importPattern =
    /import (?:type )?\{([^}]*)\} from '((@watertight\/\w+|watertight)(\/[^']*)?)'/g
  const faults = faultsOf((text) =>
    [...text.matchAll(importPattern)].flatMap(
      ([, names = '', source = '', name = '', path = '']) => {
        const found = packages.get(name)
        const file = found?.exports[`.${path}`]?.['watertight-source']
        if (found === undefined || file === undefined) return [`${source} is not exported`]
        const code = readFileSync(join(root, 'packages', found.folder, file), 'utf8')
        return names
          .split(',')
          .map((each) =>
            each
              .trim()
              .replace(/^type /, '')
              .replace(/ as .*/, ''),
          )
          .filter((each) => each !== '' && !new RegExp(`\\b${each}\\b`).test(code))
          .map((each) => `${each} is not exported by ${source}`)
      },
    ),
  )
  expect(faults).toEqual([])
})
