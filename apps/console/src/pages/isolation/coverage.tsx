import { List, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { operations } from '../../api/schema.js'
import { WideTable } from '../../details/wide-table.js'

/** A run with what it says beside its cells. */
export type RunDetail =
  operations['getIsolationRun']['responses'][200]['content']['application/json']

/** What a run looked at, what it skipped and why, and what its proofs take for granted. */
export function Coverage({ run }: { readonly run: RunDetail }): ReactNode {
  return (
    <Stack>
      <Title order={2} size="h4">
        What was looked at
      </Title>
      <WideTable caption="Coverage by class of object" minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Class</Table.Th>
            <Table.Th ta="right">Objects</Table.Th>
            <Table.Th ta="right">Checked</Table.Th>
            <Table.Th ta="right">Skipped</Table.Th>
            <Table.Th ta="right">Impossible</Table.Th>
            <Table.Th>Why not</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {run.classes.map((row) => (
            <Table.Tr key={row.class}>
              <Table.Td>{row.class}</Table.Td>
              <Table.Td ta="right">{row.total}</Table.Td>
              <Table.Td ta="right">{row.checked}</Table.Td>
              <Table.Td ta="right">{row.skipped}</Table.Td>
              <Table.Td ta="right">{row.impossible}</Table.Td>
              <Table.Td>
                {row.reasons.map(({ reason, count, examples }) => (
                  <Text size="sm" key={reason}>
                    {reason} ({count}
                    {examples.length > 0 &&
                      `, such as ${examples.slice(0, 2).map(shortened).join(', ')}`}
                    )
                  </Text>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Title order={2} size="h4">
        Stages
      </Title>
      <List size="sm">
        {run.stages.map(({ stage, state, reason }) => (
          <List.Item key={stage}>
            {stage}: {state}
            {reason !== '' && ` — ${reason}`}
          </List.Item>
        ))}
      </List>
      <Title order={2} size="h4">
        What the proofs take for granted
      </Title>
      <List size="sm">
        {run.assumptions.map(({ text, cells }) => (
          <List.Item key={text}>
            {text} ({cells} {cells === 1 ? 'cell' : 'cells'})
          </List.Item>
        ))}
      </List>
      {run.hashes !== null && (
        <Text size="xs" c="dimmed">
          Catalog {run.hashes.catalog.slice(0, 16)}…, declaration {run.hashes.model.slice(0, 16)}…,
          checker {run.toolVersion}, PostgreSQL {String(run.serverVersion)}
        </Text>
      )}
    </Stack>
  )
}

/** A function by its name alone where its arguments would fill the page. */
function shortened(example: string): string {
  return example.replace(/\([^)]{40,}\)$/, '(…)')
}
