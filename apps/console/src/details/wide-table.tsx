import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/**
 * A table that scrolls by itself where the page is narrower; a region of its name, which the
 * keyboard can reach and scroll (WCAG 2.2, 2.1.1).
 */
export function WideTable({
  caption,
  minWidth,
  withTableBorder = false,
  children,
}: {
  readonly caption: string
  /** Pixels below which it scrolls. */
  readonly minWidth: number
  readonly withTableBorder?: boolean
  readonly children: ReactNode
}): ReactNode {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      type="native"
      role="region"
      aria-label={caption}
      tabIndex={0}
    >
      <Table aria-label={caption} withTableBorder={withTableBorder}>
        {children}
      </Table>
    </Table.ScrollContainer>
  )
}
