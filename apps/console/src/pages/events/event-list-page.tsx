import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useOrgUnitField } from '../../directory/use-org-units.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { eventFields } from './event-fields.js'
import { eventTones } from './event-tones.js'

const columns: readonly ColumnOf<'/api/v1/events'>[] = [
  linkColumn(
    'title',
    'Event',
    ({ title }) => title,
    ({ id }) => `/events/${id}`,
    { sort: 'title' },
  ),
  stateColumn('status', 'Status', ({ status }) => status, eventTones, { sort: 'status' }),
  timeColumn('starts', 'Starts', ({ startsAt }) => startsAt, { sort: 'startsAt' }),
  textColumn('city', 'City', ({ city }) => city, { sort: 'city' }),
  {
    id: 'taken',
    header: 'Places taken',
    sort: 'placesTaken',
    align: 'right',
    value: ({ placesTaken }) => placesTaken,
    cell: ({ placesTaken, capacity }) => `${String(placesTaken)} of ${String(capacity)}`,
  },
  {
    id: 'categories',
    header: 'Categories',
    isOptional: true,
    value: ({ categories }) => categories.join(', '),
    cell: ({ categories }) => categories.join(', ') || '—',
  },
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: ['draft', 'published', 'cancelled', 'completed'].map((value) => ({
      value,
      label: value,
    })),
  },
]

/** Events of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/events', { columns, query: { status: values['status'] } })
  const mayWrite = useMay('events.write')
  const [isAdding, setAdding] = useState(false)
  return (
    <>
      <ListPage
        title="Events"
        description="Events of the org units that you see. A draft gets a public page when it is published."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAdding(true)}>Add an event</Button>}
        empty={{
          title: 'No events in the org units that you see',
          text: 'Events of other org units are not listed here.',
        }}
      />
      {isAdding && <NewEvent onClose={() => setAdding(false)} />}
    </>
  )
}

function NewEvent({ onClose }: { readonly onClose: () => void }): ReactNode {
  const unit = useOrgUnitField()
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  return (
    <FormModal
      title="Add an event"
      fields={[...unit, ...eventFields()]}
      submit="Add as a draft"
      onSubmit={async (values) => {
        const event = await action.run(
          fetch.POST('/api/v1/events', { body: values as never }),
          'The event was added as a draft.',
        )
        if (event) await navigate({ to: '/events/$eventId', params: { eventId: event.id } })
      }}
      onClose={onClose}
    />
  )
}
