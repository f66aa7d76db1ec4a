import { Code } from '@mantine/core'
import type { ReactNode } from 'react'

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
    <Code block role="region" aria-label={label} tabIndex={0}>
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </Code>
  )
}
