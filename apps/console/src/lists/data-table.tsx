import { Skeleton, Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react'
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table'
import type { ColumnDef } from '@tanstack/react-table'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { Column } from './column.js'
import { DataRow } from './data-row.js'
import classes from './data-table.module.css'
import type { Sorting } from './use-sorting.js'

const features = tableFeatures({
  columnVisibilityFeature,
})

/** Height of a row before it is measured, in pixels. */
const rowHeight = 41

interface DataTableProps<Item> {
  /** What the table lists, for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Item, string>[]
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  /** Ids of columns that are not shown. */
  readonly hidden?: readonly string[]
  /** How the server sorts the items; null where it does not. */
  readonly sorting: Sorting | null
  readonly isLoading?: boolean
}

/** A real table; however many rows there are, only those in sight are in the document. */
export function DataTable<Item extends object>({
  caption,
  columns,
  items,
  keyOf,
  hidden = [],
  sorting,
  isLoading = false,
}: DataTableProps<Item>): ReactNode {
  const definitions = useMemo(
    () => columns.map(({ id }): ColumnDef<typeof features, Item> => ({ id })),
    [columns],
  )
  const hiddenIds = hidden.join()
  const columnVisibility = useMemo(
    () => Object.fromEntries(hiddenIds.split(',').map((id) => [id, false])),
    [hiddenIds],
  )
  const table = useTable({
    features,
    columns: definitions,
    data: items,
    state: { columnVisibility },
  })
  const rows = table.getRowModel().rows
  const shown = useMemo(
    () => columns.filter(({ id }) => columnVisibility[id] !== false),
    [columns, columnVisibility],
  )
  const body = useRef<HTMLTableSectionElement>(null)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    setOffset((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
  }, [])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: offset,
  })
  const visible = virtual.getVirtualItems()
  const before = (visible[0]?.start ?? offset) - offset
  const after = virtual.getTotalSize() - ((visible.at(-1)?.end ?? offset) - offset)
  return (
    <div className={classes['scroller']} role="region" aria-label={caption} tabIndex={0}>
      <Table highlightOnHover aria-rowcount={rows.length + 1} verticalSpacing={8}>
        <caption className={classes['caption']}>{caption}</caption>
        <Table.Thead>
          <Table.Tr className={classes['head'] ?? ''}>
            {shown.map((column) => (
              <HeaderCell key={column.id} column={column} sorting={sorting} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>
          {isLoading && <LoadingRows columns={shown.length} />}
          {before > 0 && <tr style={{ height: before }} aria-hidden />}
          {visible.map(({ index }) => {
            const item = rows[index]?.original
            if (item === undefined) return null
            return (
              <DataRow
                key={keyOf(item)}
                item={item}
                index={index}
                columns={shown}
                measure={virtual.measureElement}
              />
            )
          })}
          {after > 0 && <tr style={{ height: after }} aria-hidden />}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function HeaderCell<Item>({
  column: { header, sort: key, align },
  sorting,
}: {
  readonly column: Column<Item, string>
  readonly sorting: Sorting | null
}): ReactNode {
  if (key === undefined || sorting === null) {
    return <Table.Th ta={align ?? 'left'}>{header}</Table.Th>
  }
  const { sort } = sorting
  const order = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none'
  const next = { none: key, ascending: `-${key}`, descending: null }[order]
  const words = header.split(' ')
  const Icon = { none: IconArrowsSort, ascending: IconArrowUp, descending: IconArrowDown }[order]
  return (
    <Table.Th aria-sort={order} ta={align ?? 'left'}>
      <UnstyledButton className={classes['sort']} onClick={() => sorting.change(next)}>
        {words.slice(0, -1).join(' ')}{' '}
        <span className={classes['last'] ?? ''}>
          {words.at(-1)}
          <Icon size={14} aria-hidden className={classes[order] ?? ''} />
        </span>
      </UnstyledButton>
    </Table.Th>
  )
}

function LoadingRows({ columns }: { readonly columns: number }): ReactNode {
  return Array.from({ length: 6 }, (_row, row) => (
    <Table.Tr key={row}>
      {Array.from({ length: columns }, (_column, column) => (
        <Table.Td key={column}>
          <Skeleton height={14} />
        </Table.Td>
      ))}
    </Table.Tr>
  ))
}
