import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { otherWords } from '../commands/other-words.js'
import { commandEntries } from '../commands/registry.js'
import { exitCodeByError } from '../exit-codes.js'
import { runCli } from '../testing/run-cli.js'
import { commandDocs } from './command-docs.js'

const verbs = commandEntries.map(({ name }) => name)

describe('help', () => {
  it('of the program names every verb and every exit code', async () => {
    const { exit, stdout } = await runCli(['--help'])
    expect(exit).toBe(0)
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'))
    for (const code of [0, 1, 2, 3, 4, 64, 69, 70, 130]) expect(stdout).toContain(`${code} `)
    expect(stdout.split('\n').length).toBeLessThanOrEqual(40)
  })

  it.each(verbs)('of %s starts with two examples and fits 40 lines of 80 columns', async (verb) => {
    const { exit, stdout } = await runCli([verb, '--help'])
    const lines = stdout.trimEnd().split('\n')
    expect(exit).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(40)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    const examples = lines.flatMap((line, at) => (/^ {2}watertight /.test(line) ? [at] : []))
    expect(examples).toHaveLength(2)
    expect(Math.max(...examples)).toBeLessThan(lines.findIndex((line) => line.startsWith('Usage')))
  })

  it('wins over faults on the same command line, and comes as `help VERB` too', async () => {
    const { stdout } = await runCli(['plan', '--help'])
    expect(await runCli(['plan', '--nonsense', '--help'])).toMatchObject({ exit: 0, stdout })
    expect(await runCli(['help', 'plan'])).toMatchObject({ exit: 0, stdout })
  })

  it('goes to stderr when it was not asked for', async () => {
    expect(await runCli([])).toMatchObject({ exit: 64, stdout: '' })
  })

  it.each(Object.entries(otherWords))(
    'is offered for %s, a word of other tools',
    async (word, line) => {
      const { exit, stderr } = await runCli([word])
      expect(exit).toBe(64)
      expect(stderr).toContain(`there is no verb ${word}; did you mean ${line}?`)
      expect(verbs).not.toContain(word)
      const [verb = '', ...rest] = line.split(' ')
      const help = await runCli([verb, '--help'])
      expect(help.exit).toBe(0)
      for (const part of rest) expect(help.stdout).toContain(part)
    },
  )

  it('agrees with the summaries of the registry', async () => {
    for (const { name, summary, load } of commandEntries) {
      expect(await load()).toMatchObject({ name, summary })
    }
  })

  it('is what docs/cli.md says', async () => {
    const commands = await Promise.all(commandEntries.map(({ load }) => load()))
    const page = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url))
    await expect(commandDocs(commands)).toMatchFileSnapshot(page)
  })
})

it('prints the version', async () => {
  expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('maps no error to the exit code of success', () => {
  expect(Object.values(exitCodeByError)).not.toContain(0)
})
