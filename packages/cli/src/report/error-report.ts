import type { WatertightError } from 'watertight/errors'
import { printable, printableLine } from '../terminal/printable.js'
import type { Style } from '../terminal/style.js'

/** What `--format json` prints for an error. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly object: string | null
    readonly hint: string | null
    readonly problems: readonly { readonly path: string; readonly message: string }[]
  }
}

/** The JSON form of an error: no stack, no cause. */
export function errorDocument(error: WatertightError): ErrorDocument {
  const { code, message, object = null, hint = null, problems } = error
  return { error: { code, message, object, hint, problems } }
}

/** The form for people: code and message, the problems, the next step. */
export function errorText(error: WatertightError, style: Style): string {
  const lines = [
    `${style.red(style.bold(`error[${error.code}]`))}: ${printable(error.message)}`,
    // Some messages list their problems themselves.
    ...(saysProblems(error) ? [] : problemLines(error, style)),
    ...(error.hint === undefined ? [] : [`${style.cyan('next')}: ${printable(error.hint)}`]),
  ]
  return `${lines.join('\n')}\n`
}

const shownProblems = 20

function problemLines({ problems }: WatertightError, style: Style): string[] {
  const lines = problems
    .slice(0, shownProblems)
    .map(({ path, message }) => `  ${style.bold(printableLine(path))}: ${printableLine(message)}`)
  const more = problems.length - shownProblems
  return more > 0 ? [...lines, `  and ${more} more; --format json lists all`] : lines
}

function saysProblems({ message, problems }: WatertightError): boolean {
  const [first] = problems
  return message.includes('\n') || (first !== undefined && message.includes(first.message))
}
