import type { ReactNode } from 'react'
import { linkColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'

const path = '/api/v1/notifications/system-templates'

const columns: readonly ColumnOf<typeof path>[] = [
  linkColumn(
    'key',
    'Message',
    ({ key }) => key,
    ({ id }) => `/notification-templates/${id}`,
    { sort: 'key' },
  ),
  textColumn('channel', 'Channel', ({ channel }) => channel.replace('_', ' '), {
    sort: 'channel',
  }),
  textColumn('locale', 'Language', ({ locale }) => locale, { sort: 'locale' }),
  textColumn('subject', 'Default subject', ({ subject }) => subject),
  timeColumn('changed', 'Changed', ({ updatedAt }) => updatedAt, { sort: 'updatedAt' }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'channel',
    label: 'Channel',
    options: options('email', 'sms', 'push', 'in_app'),
  },
  { kind: 'text', param: 'locale', label: 'Language' },
]

/** Texts of all messages, which a tenant can replace by its own. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList(path, { columns, query: pick(values, ['channel', 'locale']) })
  return (
    <ListPage
      title="Notification texts"
      description="Default texts of all messages. This tenant can say something else in place of each."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ id }) => id}
      empty={{ title: 'No texts', text: 'The platform sends no messages yet.' }}
    />
  )
}
