import type { ReactNode } from 'react'
import type { Verdict } from './matrix-rows.js'
import classes from './verdict-mark.module.css'

/** How a verdict is shown: a symbol and a letter besides its colour. */
const marks = {
  leak: { symbol: '✕', letter: 'L', name: 'leaking' },
  unknown: { symbol: '?', letter: 'U', name: 'not proven' },
  proven: { symbol: '✓', letter: 'P', name: 'proven' },
  'not-applicable': { symbol: '·', letter: '', name: 'no privilege' },
} as const

/** The name of a verdict in words. */
export function verdictName(verdict: Verdict): string {
  return marks[verdict].name
}

/** A verdict by symbol, letter and colour. */
export function VerdictMark({ verdict }: { readonly verdict: Verdict }): ReactNode {
  const { symbol, letter } = marks[verdict]
  return (
    <span className={classes['mark']} data-verdict={verdict} aria-hidden>
      {symbol}
      {letter}
    </span>
  )
}

/** What the marks mean. */
export function Legend(): ReactNode {
  return (
    <ul className={classes['legend']} aria-label="Marks of the matrix">
      {(['proven', 'unknown', 'leak', 'not-applicable'] as const).map((verdict) => (
        <li key={verdict}>
          <VerdictMark verdict={verdict} /> {verdictName(verdict)}
        </li>
      ))}
    </ul>
  )
}
