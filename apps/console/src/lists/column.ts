import type { ReactNode } from 'react'

/**
 * A column of a list.
 *
 * @typeParam Sort - keys by which the API sorts the list; `ColumnOf` has those of a path
 */
export interface Column<Item, Sort extends string = never> {
  /** Short and stable: it is in addresses and exports. */
  readonly id: string
  readonly header: string
  readonly cell: (item: Item) => ReactNode
  /** What it is exported as; columns without it are not. */
  readonly value?: (item: Item) => string | number | null
  /** The key by which the API sorts the list; columns without it cannot be sorted by. */
  readonly sort?: Sort
  /** Hidden until somebody chooses it. */
  readonly isOptional?: boolean
  readonly align?: 'left' | 'right'
}
