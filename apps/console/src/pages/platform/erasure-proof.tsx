import { Button, Code, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Facts } from '../../details/facts.js'
import type { Column } from '../../lists/column.js'
import { textColumn } from '../../lists/columns.js'
import { saveFile } from '../../lists/csv.js'
import { DataTable } from '../../lists/data-table.js'
import { digestOf } from '../../lists/digest.js'
import type { ErasedTable } from './read-proof.js'
import { readProof } from './read-proof.js'

const columns: readonly Column<ErasedTable>[] = [
  textColumn('table', 'Table', ({ table }) => table),
  textColumn('before', 'Rows before', ({ before }) => before, { align: 'right' }),
  textColumn('deleted', 'Deleted', ({ deleted }) => deleted, { align: 'right' }),
  textColumn('after', 'Rows after', ({ after }) => after, { align: 'right' }),
]

/** What stays of an erased tenant: how much was deleted, where its audit log ended, and the digest. */
export function ErasureProof({
  proof,
  sha256,
  slug,
}: {
  readonly proof: string
  readonly sha256: string
  readonly slug: string
}): ReactNode {
  const { data: digest } = useQuery({
    queryKey: ['digest', proof],
    queryFn: () => digestOf(new Blob([proof])),
  })
  const { tables, chain } = readProof(proof)
  const total = tables.reduce((sum, { deleted }) => sum + deleted, 0)
  return (
    <section aria-label="Proof">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Proof
          </Title>
          <Button
            variant="default"
            onClick={() => saveFile(`erasure-${slug}.json`, proof, 'application/json')}
          >
            Save the proof
          </Button>
        </Group>
        <Facts
          facts={[
            ['Rows deleted', total],
            ['Last entry of the audit log', chain?.position],
            ['Hash of that entry', chain && <Code key="hash">{chain.hash}</Code>],
            ['SHA-256 of the proof', <Code key="sha256">{sha256}</Code>],
          ]}
        />
        {digest !== undefined && (
          <Text size="sm" {...(digest !== sha256 && { c: 'red', fw: 700 })} role="status">
            {digest === sha256
              ? 'The proof shown here has this digest; the browser has compared it.'
              : 'The proof shown here does not have this digest.'}
          </Text>
        )}
        <DataTable
          caption="Rows by table"
          columns={columns}
          items={tables}
          keyOf={({ table }) => table}
          sorting={null}
        />
      </Stack>
    </section>
  )
}
