import { parseArgs } from 'node:util'

/**
 * @typedef {object} Flag
 * @property {'string' | 'boolean'} type
 * @property {string} about what it is for, in a few words
 * @property {string} [value] what to write after it, as help shows it
 * @property {string} [default]
 * @property {boolean} [multiple]
 */

/**
 * @typedef {object} Command
 * @property {string} usage how it is called: `npm run chaos -- [flags]`
 * @property {string} about one or two sentences
 * @property {Readonly<Record<string, Flag>>} [flags]
 * @property {string} [operands] what further words mean; without it there may be none
 */

/** Exit code of a call that cannot be understood (EX_USAGE of sysexits.h). */
export const usageError = 64

/**
 * Reads the flags of a development script. `--help` prints what there is and ends the process; so do
 * options that there are not, with exit code 64.
 *
 * @param {Command} command
 * @param {readonly string[]} [args]
 * @returns {ReturnType<typeof parseArgs>}
 */
export function readFlags(command, args = process.argv.slice(2)) {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpOf(command))
    process.exit(0)
  }
  try {
    return parseArgs({
      args: [...args],
      options: parsedOptions(command.flags ?? {}),
      allowPositionals: command.operands !== undefined,
    })
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${helpOf(command)}`)
    return process.exit(usageError)
  }
}

/**
 * The text of `--help`.
 *
 * @param {Command} command
 */
export function helpOf({ usage, about, flags = {}, operands }) {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const initial = flag.default === undefined ? '' : ` (default ${flag.default})`
    return [
      `--${name}${flag.type === 'string' ? ` ${flag.value ?? 'TEXT'}` : ''}`,
      flag.about + initial,
    ]
  })
  rows.push(['--help', 'this text'])
  const width = Math.max(...rows.map(([left]) => left.length))
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`)
  const words = operands === undefined ? '' : `\n${operands}\n`
  return `usage: ${usage}\n\n${about}\n${words}\n${lines.join('')}`
}

function parsedOptions(flags) {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, multiple, default: initial }]) => [
      name,
      { type, ...(multiple && { multiple }), ...(initial !== undefined && { default: initial }) },
    ]),
  )
}
