import { memo } from 'react'
import type { ReactNode } from 'react'
import type { Column } from './column.js'
import classes from './data-table.module.css'

interface DataRowProps<Item> {
  readonly item: Item
  readonly index: number
  /** The same array until other columns are shown. */
  readonly columns: readonly Column<Item, string>[]
  /** Told of the element, whose height it measures. */
  readonly measure: (row: HTMLTableRowElement | null) => void
}

function Row<Item>({ item, index, columns, measure }: DataRowProps<Item>): ReactNode {
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2} className={classes['row']}>
      {columns.map(({ id, cell, align }) => (
        <td key={id} className={align === 'right' ? classes['right'] : undefined}>
          {cell(item)}
        </td>
      ))}
    </tr>
  )
}

/** A row of a table. Plain elements, made once: scrolling makes those alone that come into sight. */
export const DataRow = memo(Row) as typeof Row
