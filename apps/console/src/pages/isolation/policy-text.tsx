import { Code } from '@mantine/core'
import type { ReactNode } from 'react'

/** A clause of a policy as SQL; nothing for a policy without it. */
export function PolicyText({
  keyword,
  expression,
}: {
  readonly keyword: 'USING' | 'WITH CHECK'
  readonly expression: string | null
}): ReactNode {
  if (expression === null) return null
  return (
    <Code block tabIndex={0}>
      {keyword} ({expression})
    </Code>
  )
}
