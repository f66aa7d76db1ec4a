import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { WideTable } from '../../details/wide-table.js'

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
  minWidth = 560,
}: {
  readonly caption: string
  readonly rows: readonly Row[]
  readonly columns: readonly ReportColumn<Row>[]
  readonly none: string
  /** Pixels below which it scrolls: more where cells hold sentences. */
  readonly minWidth?: number
}): ReactNode {
  if (rows.length === 0) return <Text size="sm">{none}</Text>
  return (
    <WideTable caption={caption} minWidth={minWidth} withTableBorder>
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
    </WideTable>
  )
}
