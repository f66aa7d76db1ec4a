/** How bad a finding is: `error` leaks or escalates, `warning` is an oracle or a hazard. */
export type Severity = 'error' | 'warning' | 'info'

/** All severities, worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info']

/** Orders severities, worst first. */
export function compareSeverity(left: Severity, right: Severity): number {
  return severities.indexOf(left) - severities.indexOf(right)
}
