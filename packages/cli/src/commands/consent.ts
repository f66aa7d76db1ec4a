import { WatertightError } from 'watertight/errors'
import type { Hazard } from 'watertight/plan'
import type { CommandEnvironment } from '../command-environment.js'
import { didYouMean } from '../flags/closest-word.js'
import { count } from '../report/count.js'
import { consentFlags, consentNames } from '../report/plan-summary.js'
import { ask } from '../terminal/ask.js'

/**
 * Refuses hazards that no flag allows, with the flags that would.
 *
 * @throws CONSENT_REQUIRED
 */
export function refuseWithoutConsent(missing: readonly Hazard[]): void {
  if (missing.length === 0) return
  const names = consentNames(missing)
  throw new WatertightError(
    'CONSENT_REQUIRED',
    `${count(names.length, 'hazard')} ${names.length === 1 ? 'needs' : 'need'} consent by name; nothing was changed`,
    {
      problems: names.map((name) => ({
        path: name,
        message: missing.find(({ kind, object }) => name === `${kind}:${object}`)?.detail ?? '',
      })),
      hint: `Read them, then add: ${consentFlags(missing)}`,
    },
  )
}

/**
 * Refuses consent to what is no hazard, a slip of the pen: it would else be found missing later, or
 * never.
 *
 * @throws USAGE
 */
export async function refuseUnknownHazards(allow: readonly string[] = []): Promise<void> {
  const { hazardKinds, isHazardKind } = await import('watertight/migrate')
  const problems = allow.flatMap((entry) => {
    const [kind = '', ...object] = entry.split(':')
    if (isHazardKind(kind) && (object.length === 0 || object.join(':') !== '')) return []
    const message = isHazardKind(kind)
      ? `names no object behind the colon`
      : `names no hazard${didYouMean(kind.toUpperCase(), hazardKinds)}`
    return [{ path: `--allow ${entry}`, message }]
  })
  if (problems.length === 0) return
  const lines = problems.map(({ path, message }) => `${path} ${message}`)
  throw new WatertightError('USAGE', lines.join('\n'), {
    problems,
    hint: `Hazards are ${hazardKinds.join(', ')}.`,
  })
}

/**
 * Asks for confirmation where a person can answer: only when stdin and stderr are terminals, and
 * neither `--no-input` nor `--yes` nor JSON is asked for. It gives no consent to hazards.
 *
 * @throws INTERRUPTED for every answer but `yes`.
 */
export async function confirm(
  question: string,
  input: {
    readonly yes?: boolean | undefined
    readonly noInput?: boolean | undefined
    readonly format?: string | undefined
  },
  env: CommandEnvironment,
): Promise<void> {
  const isQuiet = input.yes === true || input.noInput === true || input.format === 'json'
  if (isQuiet || env.stdin.isTTY !== true || !env.err.isTerminal) return
  const answer = await ask(`${question} Type yes: `, env, env.signal)
  if (answer.trim().toLowerCase() === 'yes') return
  throw new WatertightError('INTERRUPTED', 'the answer was not yes; nothing was changed')
}
