import type { ReactNode } from 'react'
import {
  linkColumn,
  memberColumn,
  orgUnitColumn,
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

const columns: readonly ColumnOf<'/api/v1/tickets'>[] = [
  linkColumn(
    'title',
    'Title',
    ({ title }) => title,
    ({ id }) => `/tickets/${id}`,
    { sort: 'title' },
  ),
  stateColumn('state', 'State', ({ state }) => state, {}, { sort: 'state' }),
  textColumn('reference', 'Reference', ({ externalReference }) => externalReference, {
    sort: 'externalReference',
  }),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId, { isOptional: true }),
  memberColumn('by', 'Opened by', ({ openedBy }) => openedBy),
  timeColumn('opened', 'Opened', ({ openedAt }) => openedAt, { sort: 'openedAt' }),
  timeColumn('closed', 'Closed', ({ closedAt }) => closedAt, {
    sort: 'closedAt',
    isOptional: true,
  }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: options('open', 'in_progress', 'closed'),
  },
]

/** Tickets of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/tickets', { columns, query: pick(values, ['state', 'alertId']) })
  return (
    <ListPage
      title="Tickets"
      description="Work on alerts of the org units that you see, last opened first."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ id }) => id}
      empty={{
        title: 'No tickets in the org units that you see',
        text: 'Tickets are opened from alerts; those of other org units are not shown here.',
      }}
    />
  )
}
