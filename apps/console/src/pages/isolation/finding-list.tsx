import { Code, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import { textColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useSession } from '../../session/session.js'
import { isolationPath } from './isolation-path.js'

const path = '/api/v1/isolation/runs/{runId}/findings'

type Finding = ItemOf<typeof path>

const tones: Readonly<Record<Finding['severity'], Tone>> = {
  error: 'bad',
  warning: 'waiting',
  info: 'ended',
}

const columns: readonly ColumnOf<typeof path>[] = [
  {
    id: 'severity',
    header: 'Severity',
    sort: 'severity',
    value: ({ severity }) => severity,
    cell: ({ severity }) => <Status text={severity} tone={tones[severity]} />,
  },
  {
    id: 'rule',
    header: 'Rule',
    sort: 'rule',
    value: ({ rule }) => rule,
    cell: ({ rule }) => <Code>{rule}</Code>,
  },
  textColumn('object', 'Object', ({ object }) => object, { sort: 'object' }),
  {
    id: 'message',
    header: 'Finding',
    value: ({ message }) => message,
    cell: ({ message, remedy, acceptedBecause }) => (
      <>
        <Text size="sm">{message}</Text>
        {remedy !== null && (
          <Text size="xs" c="dimmed">
            {remedy}
          </Text>
        )}
        {acceptedBecause !== null && (
          <Text size="xs" c="dimmed">
            Accepted: {acceptedBecause}
          </Text>
        )}
      </>
    ),
  },
  {
    id: 'fix',
    header: 'Fix',
    isOptional: true,
    value: ({ fixSql }) => fixSql,
    cell: ({ fixSql }) => (fixSql === null ? '—' : <Code block>{fixSql}</Code>),
  },
]

/** What a run found, worst first. */
export function FindingList({ runId }: { readonly runId: string }): ReactNode {
  const { place } = useSession()
  const [values] = useUrlValues()
  const list = useList(isolationPath(place, path), {
    columns,
    urlKey: 'f',
    path: { runId },
    query: { severity: values['severity'] },
  })
  return (
    <ListPage
      title="Findings"
      order={2}
      urlKey="f"
      list={list}
      columns={columns}
      keyOf={({ key }) => key}
      filters={[
        {
          kind: 'choice',
          param: 'severity',
          label: 'Severity',
          options: ['error', 'warning', 'info'].map((value) => ({ value, label: value })),
        },
      ]}
      empty={{
        title: 'The run found nothing',
        text: 'See Coverage for what it looked at, and for what it could not.',
      }}
    />
  )
}
