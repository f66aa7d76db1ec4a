import { Code } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './detail-text.module.css'

/** Structured data as it came, for those who look closely; a dash for none. */
export function DetailText({
  value,
  label,
}: {
  readonly value: unknown
  readonly label: string
}): ReactNode {
  if (value === null || value === undefined) return <span aria-label="none">—</span>
  return (
    <Code block className={classes['text'] ?? ''} role="region" aria-label={label} tabIndex={0}>
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </Code>
  )
}
