import type { CheckResult } from '../findings/index.js'
import { provesNothing } from '../findings/index.js'

/** How a run ended, and how good that is. */
export interface Headline {
  readonly state: 'fails' | 'open' | 'holds'
  /** For example `does not hold`, `not proven`, `holds`. */
  readonly verdict: string
  /** `2 errors, 1 warning, 30 of 40 proven, 2 leaking, 8 unknown`. */
  readonly counts: string
}

/** The verdict of a run in a few words. Green only when everything that was asked has an answer. */
export function headline(result: CheckResult): Headline {
  const { summary, coverage } = result
  const checked = coverage.length - summary.notApplicable
  const counts = [
    count(summary.errors, 'error'),
    count(summary.warnings, 'warning'),
    `${summary.proven} of ${checked} proven`,
    `${summary.leak} leaking`,
    `${summary.unknown} unknown`,
    ...(summary.baselined > 0 ? [`${summary.baselined} in the baseline`] : []),
  ].join(', ')
  if (summary.errors > 0) return { state: 'fails', verdict: 'does not hold', counts }
  if (summary.unknown > 0) return { state: 'open', verdict: 'not proven', counts }
  if (provesNothing(result)) {
    const why = lacksRoles(result)
      ? ', since no runtime role of the model exists here'
      : coverage.length > 0
        ? ', since no runtime role of the model reaches any table'
        : ''
    return { state: 'open', verdict: `not proven${why}`, counts }
  }
  const known = result.baselined.some(({ severity }) => severity === 'error')
  if (known) return { state: 'open', verdict: 'nothing new, but does not hold', counts }
  if (summary.leak > 0) return { state: 'open', verdict: 'holds but for accepted leaks', counts }
  return { state: 'holds', verdict: 'holds', counts }
}

/** `1 error`, `3 errors`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Whether none of the roles that the model names is there: the isolation layer was never applied. */
export function lacksRoles({ coverage, classes }: CheckResult): boolean {
  const roles = classes.find((each) => each.class === 'role')
  return coverage.length === 0 && roles !== undefined && roles.impossible === roles.total
}
