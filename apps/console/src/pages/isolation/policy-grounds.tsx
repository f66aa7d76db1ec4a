import { Badge, Code, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ExplainedRow } from './explained-row.js'
import classes from './policy-grounds.module.css'

type Policy = ExplainedRow['policies'][number]
type Clause = Policy['clauses'][number]
type Values = ExplainedRow['values']

/** A policy as a tree of its clauses, each with what it came to for the row. */
export function PolicyGrounds({
  policy,
  values,
}: {
  readonly policy: Policy
  readonly values: Values
}): ReactNode {
  const { name, permissive, clause, row, holds, note, isDeciding, clauses, expression } = policy
  return (
    <Paper withBorder p="sm">
      <Group gap="xs">
        <Holds holds={holds} />
        <Text fw={600} size="sm">
          {name}
        </Text>
        <Badge color={permissive ? 'teal.9' : 'indigo.8'} size="sm">
          {permissive ? 'permissive' : 'restrictive'}
        </Badge>
        {isDeciding && (
          <Badge color="dark" size="sm">
            decides
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          {clause} on the {row === 'new' ? 'row as it would be' : 'stored row'}
        </Text>
      </Group>
      {clauses.length === 0 ? (
        <Code block mt="xs" tabIndex={0}>
          {expression}
        </Code>
      ) : (
        <ClauseList parent={null} clauses={clauses} values={values} />
      )}
      {note !== null && (
        <Text size="sm" c="dimmed" mt="xs">
          {note}
        </Text>
      )}
    </Paper>
  )
}

function ClauseList({
  parent,
  clauses,
  values,
}: {
  readonly parent: number | null
  readonly clauses: readonly Clause[]
  readonly values: Values
}): ReactNode {
  const children = clauses.filter((each) => each.parent === parent)
  if (children.length === 0) return null
  return (
    <ul className={classes['clauses']}>
      {children.map((each) => (
        <li key={each.id}>
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Holds holds={each.holds} />
            <Stack gap={2}>
              {each.operator === null ? (
                <Code className={classes['expression'] ?? ''}>{each.expression}</Code>
              ) : (
                <Text size="sm" fw={600}>
                  {each.operator === 'AND' ? 'all of' : 'any of'}
                </Text>
              )}
              <Grounds clause={each} values={values} />
            </Stack>
          </Group>
          <ClauseList parent={each.id} clauses={clauses} values={values} />
        </li>
      ))}
    </ul>
  )
}

/** What a clause reads: claims of the context, and the row's values where the caller sees them. */
function Grounds({
  clause: { operator, claims, columns },
  values,
}: {
  readonly clause: Clause
  readonly values: Values
}): ReactNode {
  if (operator !== null) return null
  const read = [
    ...claims.map((claim) => `claim ${claim}`),
    ...columns.map((column) => {
      const value = values[column]
      return value === undefined ? column : `${column} = ${value ?? 'NULL'}`
    }),
  ]
  if (read.length === 0) return null
  return (
    <Text size="xs" c="dimmed">
      {read.join('; ')}
    </Text>
  )
}

function Holds({ holds }: { readonly holds: boolean | null }): ReactNode {
  if (holds === null) return <span className={classes['open']}>? not evaluated</span>
  return (
    <span className={holds ? classes['holds'] : classes['fails']}>
      {holds ? '✓ holds' : '✕ fails'}
    </span>
  )
}
