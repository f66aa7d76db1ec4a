import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { actionColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { options } from '../../lists/pick.js'
import { RowActions } from '../../lists/row-actions.js'
import { wholeList } from '../../lists/whole-list.js'

type Preference =
  operations['listPreferences']['responses'][200]['content']['application/json']['items'][number]

const path = '/api/v1/notifications/preferences/{topic}/{channel}'
const channels = ['email', 'sms', 'push', 'in_app'] as const

const columns: readonly Column<Preference>[] = [
  textColumn('topic', 'Topic', ({ topic }) => topic),
  textColumn('channel', 'Channel', ({ channel }) => channel.replace('_', ' ')),
  stateColumn('state', 'State', ({ isEnabled }) => (isEnabled ? 'on' : 'off'), { on: 'good' }),
  textColumn('quiet', 'Quiet hours', ({ quietHours }) =>
    quietHours === null ? null : `${String(quietHours.from)}:00 to ${String(quietHours.until)}:00`,
  ),
  timeColumn('changed', 'Changed', ({ updatedAt }) => updatedAt),
]

function fieldsOf(preference: Preference | null): readonly Field[] {
  return [
    ...(preference === null
      ? ([
          {
            name: 'topic',
            label: 'Topic',
            kind: 'text',
            isRequired: true,
            help: 'Such as alerts, events or digest.',
          },
          {
            name: 'channel',
            label: 'Channel',
            kind: 'choice',
            isRequired: true,
            options: options(...channels),
          },
        ] as const)
      : []),
    {
      name: 'isEnabled',
      label: 'Tell me',
      kind: 'switch',
      initial: String(preference?.isEnabled ?? true),
    },
    {
      name: 'from',
      label: 'Quiet from (hour)',
      kind: 'number',
      initial: String(preference?.quietHours?.from ?? ''),
    },
    {
      name: 'until',
      label: 'Quiet until (hour)',
      kind: 'number',
      initial: String(preference?.quietHours?.until ?? ''),
      help: 'Hours from 0 to 24; leave both empty for none.',
    },
  ]
}

/** What the caller wants to be told of in this tenant, and how. */
export function Preferences(): ReactNode {
  const list = wholeList(useQueries().useQuery('get', '/api/v1/notifications/preferences'))
  const [changed, setChanged] = useState<Preference | 'new' | null>(null)
  const { fetch } = useApi()
  const action = useAction()
  const preference = changed === 'new' ? null : changed
  return (
    <>
      <ListPage
        title="What you are told"
        order={2}
        urlKey="told"
        list={list}
        columns={[
          ...columns,
          actionColumn<Preference>(({ topic, channel, ...rest }) => (
            <RowActions>
              <Button
                size="xs"
                variant="default"
                aria-label={`Edit ${topic} by ${channel}`}
                onClick={() => setChanged({ topic, channel, ...rest })}
              >
                Edit
              </Button>
              <Button
                size="xs"
                variant="default"
                aria-label={`Reset ${topic} by ${channel}`}
                onClick={() =>
                  action.start(
                    () => fetch.DELETE(path, { params: { path: { topic, channel } } }),
                    'You are told what everybody is told.',
                  )
                }
              >
                Reset
              </Button>
            </RowActions>
          )),
        ]}
        keyOf={({ topic, channel }) => `${topic}/${channel}`}
        actions={<Button onClick={() => setChanged('new')}>Add a preference</Button>}
        empty={{
          title: 'No preferences of your own',
          text: 'You are told what everybody in this tenant is told.',
        }}
      />
      {changed !== null && (
        <FormModal
          title={preference === null ? 'Add a preference' : `Tell me of ${preference.topic}`}
          submit="Save"
          fields={fieldsOf(preference)}
          onSubmit={({ topic, channel, isEnabled, from, until }) =>
            action.run(
              fetch.PUT(path, {
                params: {
                  path: preference ?? { topic: String(topic), channel: channelOf(channel) },
                },
                body: {
                  isEnabled: isEnabled === true,
                  quietHours:
                    from === undefined && until === undefined
                      ? null
                      : { from: Number(from ?? 0), until: Number(until ?? 24) },
                },
              }),
              'The preference was saved.',
            )
          }
          onClose={() => setChanged(null)}
        />
      )}
    </>
  )
}

function channelOf(value: unknown): Preference['channel'] {
  return channels.find((channel) => channel === value) ?? 'email'
}
