import type { ReactNode } from 'react'
import {
  linkColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'

const columns: readonly ColumnOf<'/api/v1/notifications/log'>[] = [
  linkColumn(
    'subject',
    'Subject',
    ({ subject }) => subject ?? 'without subject',
    ({ id }) => `/notifications/${id}`,
  ),
  stateColumn('status', 'Status', ({ status }) => status, {}, { sort: 'status' }),
  textColumn('channel', 'Channel', ({ channel }) => channel.replace('_', ' '), { sort: 'channel' }),
  memberColumn('to', 'To', ({ recipientId }) => recipientId),
  textColumn('address', 'Address', ({ recipientAddress }) => recipientAddress, {
    sort: 'recipientAddress',
  }),
  textColumn('error', 'Problem', ({ error }) => error, { isOptional: true }),
  timeColumn('created', 'Queued', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('sent', 'Sent', ({ sentAt }) => sentAt, { sort: 'sentAt' }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('queued', 'sent', 'bounced', 'suppressed'),
  },
  {
    kind: 'choice',
    param: 'channel',
    label: 'Channel',
    options: options('email', 'sms', 'push', 'in_app'),
  },
]

/** Messages that the tenant sent to people. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/notifications/log', {
    columns,
    query: pick(values, ['status', 'channel', 'recipientId']),
  })
  return (
    <ListPage
      title="Notifications"
      description="Messages of this tenant to people, newest first."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ id }) => id}
      empty={{ title: 'No messages', text: 'This tenant sent nobody a message yet.' }}
    />
  )
}
