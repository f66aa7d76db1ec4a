import { Code, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import type { Column } from '../../lists/column.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useSession } from '../../session/session.js'
import { isolationPath } from './isolation-path.js'

type Finding = ItemOf<'/api/v1/isolation/runs/{runId}/findings'>

const tones: Readonly<Record<Finding['severity'], Tone>> = {
  error: 'bad',
  warning: 'waiting',
  info: 'ended',
}

const columns: readonly Column<Finding>[] = [
  {
    id: 'severity',
    header: 'Severity',
    value: ({ severity }) => severity,
    cell: ({ severity }) => <Status text={severity} tone={tones[severity]} />,
  },
  {
    id: 'rule',
    header: 'Rule',
    value: ({ rule }) => rule,
    cell: ({ rule }) => <Code>{rule}</Code>,
  },
  { id: 'object', header: 'Object', value: ({ object }) => object, cell: ({ object }) => object },
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
  const list = useList(isolationPath(place, '/api/v1/isolation/runs/{runId}/findings'), {
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
