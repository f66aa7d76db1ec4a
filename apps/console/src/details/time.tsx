import type { ReactNode } from 'react'
import classes from './time.module.css'

const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A time in the reader's zone, with the exact one on hover; a dash for none. */
export function Time({ at }: { readonly at: string | null | undefined }): ReactNode {
  if (at === null || at === undefined) return <span aria-label="never">—</span>
  const [first, second] = halvesOf(new Date(at))
  return (
    <time dateTime={at} title={at}>
      <span className={classes['half'] ?? ''}>{first}</span>{' '}
      <span className={classes['half'] ?? ''}>{second}</span>
    </time>
  )
}

/** The day and the hour, in the order of the reader's language: a narrow column has them on two lines. */
function halvesOf(date: Date): readonly [string, string] {
  const parts = shown.formatToParts(date)
  const firstOf = (types: readonly string[]): number =>
    parts.findIndex(({ type }) => types.includes(type))
  const at = Math.max(firstOf(['year', 'month', 'day']), firstOf(['hour', 'dayPeriod']))
  const text = (some: typeof parts): string => some.map(({ value }) => value).join('')
  return [text(parts.slice(0, at)).trim(), text(parts.slice(at))]
}
