import { Button, Code, Group, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { DetailText } from '../../details/detail-text.js'
import { Status } from '../../details/status.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import { memberColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { NotFound } from '../../states/not-found.js'
import { ObjectProblem } from '../../states/object-problem.js'

const path = '/api/v1/notifications/system-templates/{systemTemplateId}/override'

const columns: readonly ColumnOf<'/api/v1/notifications/templates'>[] = [
  textColumn('version', 'Version', ({ version }) => version, { sort: 'version', align: 'right' }),
  stateColumn('state', 'State', ({ archivedAt }) => (archivedAt === null ? 'active' : 'replaced')),
  textColumn('subject', 'Subject', ({ subject }) => subject),
  textColumn('body', 'Text', ({ body }) => body),
  memberColumn('by', 'Written by', ({ updatedBy }) => updatedBy),
  timeColumn('at', 'Written', ({ updatedAt }) => updatedAt, { sort: 'updatedAt' }),
]

/** One message: its default text, and what the tenant says in its place. */
export function Page(): ReactNode {
  const systemTemplateId = useParam('systemTemplateId')
  const defaults = useList('/api/v1/notifications/system-templates')
  const versions = useList('/api/v1/notifications/templates', {
    columns,
    query: { systemTemplateId },
  })
  const mayWrite = useMay('notifications.write')
  const [opened, setOpened] = useState<'write' | 'restore' | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { systemTemplateId } }
  if (defaults.error !== null) return <ObjectProblem error={defaults.error} what="text" />
  if (defaults.isLoading) return <Loading />
  const template = defaults.items.find(({ id }) => id === systemTemplateId)
  if (template === undefined) return <NotFound what="text" />
  const own = versions.items.find(({ archivedAt }) => archivedAt === null)
  return (
    <DetailPage
      list={{ to: '/notification-templates', title: 'Notification texts' }}
      title={template.key}
      badge={
        own === undefined ? (
          <Status text="default" tone="ended" />
        ) : (
          <Status text="own text" tone="good" />
        )
      }
      actions={
        mayWrite && (
          <>
            <Button onClick={() => setOpened('write')}>
              {own === undefined ? 'Write an own text' : 'Change the text'}
            </Button>
            {own !== undefined && (
              <Button variant="default" onClick={() => setOpened('restore')}>
                Back to the default …
              </Button>
            )}
          </>
        )
      }
    >
      <Text size="sm">
        {template.channel.replace('_', ' ')}, {template.locale}
      </Text>
      <section aria-label="Text in use">
        <Title order={2} size="h4" mb="xs">
          Text in use
        </Title>
        {(own ?? template).subject !== null && <Text fw={600}>{(own ?? template).subject}</Text>}
        <DetailText label="Text in use" value={(own ?? template).body} />
      </section>
      {own !== undefined && (
        <section aria-label="Default text">
          <Title order={2} size="h4" mb="xs">
            Default text
          </Title>
          {template.subject !== null && <Text fw={600}>{template.subject}</Text>}
          <DetailText label="Default text" value={template.body} />
        </section>
      )}
      <Group gap={4}>
        <Text size="sm">Variables:</Text>
        {template.variables.map((variable) => (
          <Code key={variable}>{variable}</Code>
        ))}
      </Group>
      <ListPage
        title="Own versions"
        order={2}
        list={versions}
        columns={columns}
        keyOf={({ id }) => id}
        empty={{ title: 'No own text', text: 'This tenant sends the default text.' }}
      />
      {opened === 'write' && (
        <FormModal
          title={`Text of ${template.key}`}
          submit="Save"
          fields={[
            {
              name: 'subject',
              label: 'Subject',
              kind: 'text',
              maxLength: 200,
              initial: (own ?? template).subject ?? '',
            },
            {
              name: 'body',
              label: 'Text',
              kind: 'textarea',
              isRequired: true,
              maxLength: 20_000,
              initial: (own ?? template).body,
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.PUT(path, {
                params,
                body: withCleared(values, ['subject'], null) as never,
              }),
              'The text was saved.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'restore' && (
        <ConfirmModal
          title="Go back to the default text?"
          name={template.key}
          confirm="Go back"
          onConfirm={() => action.run(fetch.DELETE(path, { params }), 'The default is back.')}
          onClose={close}
        >
          This tenant sends the default text again. Its versions are kept on record.
        </ConfirmModal>
      )}
    </DetailPage>
  )
}
