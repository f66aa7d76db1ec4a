import type { ReactNode } from 'react'
import classes from './row-actions.module.css'

/** The buttons of a row: side by side, or below each other where the list is narrow. */
export function RowActions({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={classes['actions']}>{children}</div>
}
