import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { Redacted } from '../../details/redacted.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import type { Event } from './event-fields.js'
import { eventTones } from './event-tones.js'

type Entry = ItemOf<'/api/v1/events/{eventId}/waitlist'>

const states = ['waiting', 'offered', 'accepted', 'withdrawn', 'expired']

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: states.map((value) => ({ value, label: value })),
  },
]

/** Who waits for a seat of an event, or did. */
export function WaitlistTab({ event }: { readonly event: Event }): ReactNode {
  const path = { eventId: event.id }
  const [values] = useUrlValues()
  const list = useList('/api/v1/events/{eventId}/waitlist', {
    path,
    query: { state: values['state'] },
  })
  const { data: types } = useQueries().useQuery('get', '/api/v1/events/{eventId}/ticket-types', {
    params: { path },
  })
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('registrations.write')
  const [isAdding, setAdding] = useState(false)
  const [withdrawn, setWithdrawn] = useState<Entry | null>(null)
  const typeNames = new Map(types?.items.map(({ id, name }) => [id, name]))
  const typeOf = ({ ticketTypeId }: Entry): string =>
    ticketTypeId === null ? 'any' : (typeNames.get(ticketTypeId) ?? '—')
  const columns: readonly Column<Entry>[] = [
    {
      id: 'name',
      header: 'Guest',
      value: ({ name }) => name,
      cell: ({ name }) => <Redacted value={name} />,
    },
    {
      id: 'email',
      header: 'Address',
      value: ({ email }) => email,
      cell: ({ email }) => <Redacted value={email} />,
    },
    textColumn('type', 'Ticket type', typeOf),
    stateColumn('state', 'State', ({ state }) => state, eventTones),
    timeColumn('joined', 'Waits since', ({ joinedAt }) => joinedAt),
    timeColumn('offered', 'Offered until', ({ offeredUntil }) => offeredUntil),
    ...(mayWrite
      ? [
          {
            id: 'actions',
            header: 'Actions',
            cell: (entry: Entry) =>
              (entry.state === 'waiting' || entry.state === 'offered') && (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Take off the waiting list: ${entry.name ?? 'the guest'}`}
                  onClick={() => setWithdrawn(entry)}
                >
                  Take off …
                </Button>
              ),
          },
        ]
      : []),
  ]
  const options = (types?.items ?? [])
    .filter(({ archivedAt }) => archivedAt === null)
    .map(({ id, name }) => ({ value: id, label: name }))
  return (
    <>
      <ListPage
        title="Waitlist"
        order={2}
        description="A seat that gets free is offered to whoever waits first."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          mayWrite &&
          event.status === 'published' && (
            <Button onClick={() => setAdding(true)}>Add a guest</Button>
          )
        }
        empty={{ title: 'Nobody waits', text: 'Guests can wait once an event is sold out.' }}
      />
      {isAdding && (
        <FormModal
          title="Put a guest on the waiting list"
          submit="Add"
          fields={[
            { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 200 },
            { name: 'email', label: 'Address', kind: 'text', isRequired: true, maxLength: 254 },
            { name: 'ticketTypeId', label: 'Ticket type', kind: 'choice', options },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/events/{eventId}/waitlist', {
                params: { path },
                body: body as never,
              }),
              'The guest is on the waiting list.',
            )
          }
          onClose={() => setAdding(false)}
        />
      )}
      {withdrawn !== null && (
        <ConfirmModal
          title="Take this guest off the waiting list?"
          name={withdrawn.name ?? withdrawn.id}
          confirm="Take off"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/waitlist/{entryId}/withdraw', {
                params: { path: { entryId: withdrawn.id } },
              }),
              'The guest does not wait any more.',
            )
          }
          onClose={() => setWithdrawn(null)}
        >
          A seat that was offered to them is free again.
        </ConfirmModal>
      )}
    </>
  )
}
