import { Alert, Code, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Facts } from '../../details/facts.js'
import type { ExplainedRow } from './explained-row.js'
import { PolicyGrounds } from './policy-grounds.js'

const verdicts: Readonly<Record<ExplainedRow['verdict'], string>> = {
  allowed: 'Allowed',
  'no-permissive-policy': 'No permissive policy matched',
  'restrictive-policy': 'A restrictive policy refuses',
  filtered: 'Filtered: there is no such row for this context',
  'no-privilege': 'No privilege on the table',
  'rls-bypassed': 'Row level security is bypassed',
  'context-missing': 'The context is missing',
  undetermined: 'Cannot be told',
}

const modes: Readonly<Record<ExplainedRow['verdict'], string>> = {
  allowed: 'teal',
  'no-permissive-policy': 'orange',
  'restrictive-policy': 'orange',
  filtered: 'gray',
  'no-privilege': 'orange',
  'rls-bypassed': 'red',
  'context-missing': 'orange',
  undetermined: 'gray',
}

/** A verdict with the policies that led to it, and the smallest change that would turn it. */
export function Explanation({ explanation }: { readonly explanation: ExplainedRow }): ReactNode {
  const { verdict, message, change, policies, context, values, command, table } = explanation
  const policy = explanation.policy === null ? '' : `: ${explanation.policy}`
  return (
    <Stack>
      <Alert
        color={modes[verdict]}
        title={`${verdicts[verdict]}${policy}`}
        role="status"
        data-testid="explained"
      >
        <Text size="sm">{message}</Text>
        {change !== null && (
          <Text size="sm" mt="xs">
            What would turn it: {change}
          </Text>
        )}
      </Alert>
      <Facts
        facts={[
          ['Statement', `${command} on ${table}`],
          ['Scope of the table', explanation.scope],
          ['Database role', context.role],
          ['Mode', context.mode],
          ['Org scope', context.orgScope],
          ['Claim that decided', explanation.claim],
        ]}
      />
      {policies.length > 0 && (
        <Title order={2} size="h4">
          Policies
        </Title>
      )}
      {policies.map((each) => (
        <PolicyGrounds
          key={`${each.name} ${each.clause} ${each.row}`}
          policy={each}
          values={values}
        />
      ))}
      {Object.keys(values).length > 0 && (
        <>
          <Title order={2} size="h4">
            Values that policies read
          </Title>
          <Table aria-label="Values of the row" withTableBorder maw={640}>
            <Table.Tbody>
              {Object.entries(values).map(([column, value]) => (
                <Table.Tr key={column}>
                  <Table.Th scope="row">{column}</Table.Th>
                  <Table.Td>{value === null ? 'NULL' : <Code>{value}</Code>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  )
}
