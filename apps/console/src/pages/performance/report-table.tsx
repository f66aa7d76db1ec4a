import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'

type ReportColumn<Row> = readonly [
  header: string,
  cell: (row: Row) => ReactNode,
  align?: 'left' | 'right',
]

/** A short table of a report; said in words when there is nothing in it. */
export function ReportTable<Row>({
  caption,
  rows,
  columns,
  none,
}: {
  readonly caption: string
  readonly rows: readonly Row[]
  readonly columns: readonly ReportColumn<Row>[]
  readonly none: string
}): ReactNode {
  if (rows.length === 0) return <Text size="sm">{none}</Text>
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label={caption} withTableBorder>
        <Table.Thead>
          <Table.Tr>
            {columns.map(([header, , align]) => (
              <Table.Th key={header} ta={align ?? 'left'}>
                {header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            <Table.Tr key={index}>
              {columns.map(([header, cell, align]) => (
                <Table.Td key={header} ta={align ?? 'left'}>
                  {cell(row) ?? '—'}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
