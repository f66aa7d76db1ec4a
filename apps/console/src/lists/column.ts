import type { ReactNode } from 'react'

/** A column of a list. */
export interface Column<Item> {
  /** Short and stable: it is in addresses and exports. */
  readonly id: string
  readonly header: string
  readonly cell: (item: Item) => ReactNode
  /** What it is sorted and exported by; columns without it are neither. */
  readonly value?: (item: Item) => string | number | null
  /** Hidden until somebody chooses it. */
  readonly isOptional?: boolean
  readonly align?: 'left' | 'right'
}
