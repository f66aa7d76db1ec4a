import { Code } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './sql-text.module.css'

/** A statement in a cell of a table; a long one scrolls in its own box. */
export function SqlText({ text }: { readonly text: string }): ReactNode {
  return (
    <Code block tabIndex={0} className={classes['text'] ?? ''}>
      {text}
    </Code>
  )
}
