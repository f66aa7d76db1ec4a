import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce } from '../../../../test/run-servers.js'
import { commandEntries } from '../commands/registry.js'
import { runCli } from '../testing/run-cli.js'

const run = promisify(execFile)
const verbs = commandEntries.map(({ name }) => name)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watertight-completion-'))
  await writeFile(join(folder, 'schema.sql'), '')
})
afterAll(() => rm(folder, { recursive: true }))

const programOf = (name: string): string =>
  fileURLToPath(new URL(`../../test/completion/complete-in-${name}`, import.meta.url))

/** The arguments with which a shell reads a script and completes a line. */
const shells: Readonly<Record<string, (script: string, line: string) => string[]>> = {
  bash: (script, line) => ['--norc', programOf('bash.bash'), script, line],
  zsh: (script, line) => ['-f', programOf('zsh.zsh'), script, line],
  fish: (script, line) => {
    const show = 'for it in (complete -C $argv[2]); echo "<"(string split \\t -- $it)[1]">"; end'
    return ['--no-config', '-c', `source $argv[1]; ${show}`, script, line]
  },
}

function isInstalled(shell: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  if (folders.some((path) => existsSync(join(path, shell)))) return true
  announce(`tests: skipped in ${shell}, which scripts/install-tools.sh installs`)
  return false
}

/** In their order of the alphabet, for shells show them in theirs. */
const sorted = (words: readonly string[]): string[] => [...words].sort()

describe.each(Object.entries(shells).filter(([shell]) => isInstalled(shell)))(
  'the completions for %s',
  (shell, argumentsOf) => {
    let script: string

    beforeAll(async () => {
      const written = await runCli(['completion', shell])
      if (written.exit !== 0) throw new Error(written.stderr)
      script = join(folder, `_watertight.${shell}`)
      await writeFile(script, written.stdout)
    })

    async function complete(line: string): Promise<string[]> {
      const home = { ...process.env, HOME: folder, TERM: 'xterm' }
      const { stdout, stderr } = await run(shell, argumentsOf(script, line), {
        cwd: folder,
        env: home,
        timeout: 60_000,
      })
      if (stderr !== '') throw new Error(stderr)
      const words = [...stdout.matchAll(/<([^<>]+)>/g)].map(([, word]) => word ?? '')
      return sorted(words.filter((word) => word !== 'END' && word !== 'READY'))
    }

    it('offer every verb', async () => {
      expect(await complete('watertight ')).toEqual(sorted(verbs))
    })

    it.each<[string, readonly string[]]>([
      ['watertight ch', ['check']],
      ['watertight keys ', ['add', 'list', 'retire', 'revoke']],
      ['watertight keys re', ['retire', 'revoke']],
      ['watertight tenants e', ['erase', 'export']],
      ['watertight completion ', ['bash', 'fish', 'zsh']],
      ['watertight explain STALE', ['STALE_PLAN']],
      ['watertight explain rls-not-f', ['rls-not-forced']],
      ['watertight help rol', ['rollback']],
      ['watertight check --two', ['--two-world']],
      ['watertight check --prelude ', ['auto', 'neon', 'none', 'supabase']],
      ['watertight check --no-cache --prelude n', ['neon', 'none']],
      ['watertight plan --he', ['--help']],
      ['watertight status --two', []],
      ['watertight nonsense ', []],
    ])('make of "%s" %j', async (line, words) => {
      expect(await complete(line)).toEqual(words)
    })

    it('offer what a flag takes behind an equals sign too', async () => {
      const found = await complete('watertight check --format=j')
      expect(found.map((word) => word.replace(/^--format=/, ''))).toEqual(['json', 'junit'])
    })

    it('leave files to bash, and offer them elsewhere', async () => {
      for (const line of ['watertight check sch', 'watertight plan --config sch']) {
        expect(await complete(line)).toEqual(shell === 'bash' ? [] : ['schema.sql'])
      }
      expect(await complete('watertight keys list sch')).toEqual([])
    })
  },
)

it('name no shell that there are none for', async () => {
  const { exit, stderr } = await runCli(['completion', 'bsh'])
  expect(exit).toBe(64)
  expect(stderr).toContain('there are no completions for bsh; did you mean bash?')
})

it('come as JSON too', async () => {
  const [plain, json] = await Promise.all([
    runCli(['completion', 'fish']),
    runCli(['completion', 'fish', '--format', 'json']),
  ])
  expect(JSON.parse(json.stdout)).toEqual({ shell: 'fish', script: plain.stdout })
})
