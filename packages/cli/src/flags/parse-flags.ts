import { parseArgs } from 'node:util'
import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import { didYouMean } from './closest-word.js'
import { camelCase } from './flag-table.js'
import type { CommandInput, FlagSpec, FlagTable } from './flag-table.js'

/** What the flags are parsed for. */
export interface FlagOwner {
  readonly name: string
  readonly flags: FlagTable
  readonly operands: { readonly usage: string; readonly least: number; readonly most: number }
}

/** The arguments of a command, parsed; `wantsHelp` stands for `--help` anywhere among them. */
export interface ParsedArguments {
  readonly wantsHelp: boolean
  readonly input: CommandInput<FlagTable>
}

/**
 * Parses the arguments behind the verb.
 *
 * @throws USAGE with every fault: unknown flags (with the likely one), missing and wrong values, too
 * many or too few operands.
 */
export function parseFlags(owner: FlagOwner, args: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(
        Object.entries(owner.flags).map(([name, spec]) => [name, { type: typeOf(spec) }]),
      ),
    },
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const problems: Problem[] = []
  const values = new Map<string, unknown>()
  const operands: string[] = []
  let wantsHelp = false
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    if (token.name === 'help') wantsHelp = true
    else {
      const given = { name: token.name, raw: token.rawName, value: token.value }
      readFlag(owner, { ...given, isInline: token.inlineValue === true }, values, problems)
    }
  }
  const { least, most, usage } = owner.operands
  if (operands.length > most) {
    problems.push({ path: operands[most] ?? '', message: 'is one argument too many' })
  }
  if (operands.length < least) problems.push({ path: usage, message: 'is missing' })
  if (problems.length > 0 && !wantsHelp) throw usageError(owner.name, problems)
  return { wantsHelp, input: { ...Object.fromEntries(values), operands } }
}

interface GivenFlag {
  readonly name: string
  readonly raw: string
  readonly value: string | undefined
  readonly isInline: boolean
}

function readFlag(
  owner: FlagOwner,
  given: GivenFlag,
  values: Map<string, unknown>,
  problems: Problem[],
): void {
  const spec = Object.hasOwn(owner.flags, given.name) ? owner.flags[given.name] : undefined
  const report = (message: string): void => void problems.push({ path: given.raw, message })
  if (spec === undefined) {
    const known = [...Object.keys(owner.flags), 'help']
    return report(`is no flag of ${owner.name}${didYouMean(given.name, known, '--')}`)
  }
  const key = camelCase(given.name)
  if (spec.kind === 'switch') {
    if (given.value !== undefined) return report('takes no value')
    values.set(key, true)
    return
  }
  // `--out --sql` is a forgotten value, not a folder named --sql; `--out=--sql` says so.
  const { value } = given
  if (value === undefined || (!given.isInline && value.startsWith('-') && value !== '-')) {
    return report(`needs a value: ${placeholder(spec)}`)
  }
  if (spec.kind === 'list') {
    const before = values.get(key)
    values.set(key, [...(Array.isArray(before) ? (before as string[]) : []), value])
    return
  }
  if (values.has(key)) return report('is given twice')
  if (spec.kind === 'choice' && !spec.choices.includes(value)) {
    return report(`is ${placeholder(spec)}, not ${value}${didYouMean(value, spec.choices)}`)
  }
  if (spec.kind === 'number' && !/^\d{1,9}$/.test(value)) {
    return report(`is a whole number, not ${value}`)
  }
  values.set(key, spec.kind === 'number' ? Number(value) : value)
}

/** The value of a flag as help and messages show it. */
export function placeholder(spec: FlagSpec): string {
  if (spec.kind === 'switch') return ''
  return spec.kind === 'choice' ? spec.choices.join('|') : spec.value
}

function typeOf(spec: FlagSpec): 'boolean' | 'string' {
  return spec.kind === 'switch' ? 'boolean' : 'string'
}

function usageError(command: string, problems: readonly Problem[]): WatertightError {
  const lines = problems.map(({ path, message }) => `${path} ${message}`)
  return new WatertightError('USAGE', lines.join('\n'), {
    problems,
    hint: `See watertight ${command} --help.`,
  })
}
