import { Skeleton, Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react'
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import type { ColumnDef, SortingState } from '@tanstack/react-table'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { Column } from './column.js'
import classes from './data-table.module.css'

const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
})

/** Height of a row before it is measured, in pixels. */
const rowHeight = 41

interface DataTableProps<Item> {
  /** What the table lists, for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Item>[]
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  /** Ids of columns that are not shown. */
  readonly hidden?: readonly string[]
  /** `name` or `-name`; null for the order of the server. */
  readonly sort: string | null
  readonly onSort: (sort: string | null) => void
  readonly isLoading?: boolean
}

/** A real table; however many rows there are, only those in sight are in the document. */
export function DataTable<Item extends object>({
  caption,
  columns,
  items,
  keyOf,
  hidden = [],
  sort,
  onSort,
  isLoading = false,
}: DataTableProps<Item>): ReactNode {
  const definitions = useMemo(
    () =>
      columns.map(({ id, value }): ColumnDef<typeof features, Item> => ({
        id,
        accessorFn: (item) => value?.(item) ?? null,
        enableSorting: value !== undefined,
        sortFn: 'basic',
      })),
    [columns],
  )
  const sorting: SortingState =
    sort === null ? [] : [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }]
  const table = useTable({
    features,
    columns: definitions,
    data: items,
    state: { sorting, columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])) },
  })
  const rows = table.getRowModel().rows
  const shown = columns.filter(({ id }) => !hidden.includes(id))
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
          <Table.Tr>
            {shown.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} onSort={onSort} />
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
              <Table.Tr
                key={keyOf(item)}
                data-index={index}
                ref={virtual.measureElement}
                aria-rowindex={index + 2}
              >
                {shown.map(({ id, cell, align }) => (
                  <Table.Td key={id} ta={align ?? 'left'}>
                    {cell(item)}
                  </Table.Td>
                ))}
              </Table.Tr>
            )
          })}
          {after > 0 && <tr style={{ height: after }} aria-hidden />}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function HeaderCell<Item>({
  column: { id, header, value, align },
  sort,
  onSort,
}: {
  readonly column: Column<Item>
  readonly sort: string | null
  readonly onSort: (sort: string | null) => void
}): ReactNode {
  if (value === undefined) return <Table.Th ta={align ?? 'left'}>{header}</Table.Th>
  const order = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none'
  const next = { none: id, ascending: `-${id}`, descending: null }[order]
  const Icon = { none: IconArrowsSort, ascending: IconArrowUp, descending: IconArrowDown }[order]
  return (
    <Table.Th aria-sort={order} ta={align ?? 'left'}>
      <UnstyledButton className={classes['sort']} onClick={() => onSort(next)}>
        {header}
        <Icon size={14} aria-hidden className={classes[order] ?? ''} />
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
