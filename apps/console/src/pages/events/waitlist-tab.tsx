import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { Redacted } from '../../details/redacted.js'
import { useAction } from '../../forms/use-action.js'
import { useMakeAndEnd } from '../../forms/use-make-and-end.js'
import { stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
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
  const { data: types } = useQueries().useQuery('get', '/api/v1/events/{eventId}/ticket-types', {
    params: { path },
  })
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('registrations.write')
  const typeNames = new Map(types?.items.map(({ id, name }) => [id, name]))
  const typeOf = ({ ticketTypeId }: Entry): string =>
    ticketTypeId === null ? 'any' : (typeNames.get(ticketTypeId) ?? '—')
  const options = (types?.items ?? [])
    .filter(({ archivedAt }) => archivedAt === null)
    .map(({ id, name }) => ({ value: id, label: name }))
  const guests = useMakeAndEnd<Entry>({
    make: {
      title: 'Put a guest on the waiting list',
      submit: 'Add',
      fields: [
        { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 200 },
        { name: 'email', label: 'Address', kind: 'text', isRequired: true, maxLength: 254 },
        { name: 'ticketTypeId', label: 'Ticket type', kind: 'choice', options },
      ],
      async onSubmit(body) {
        await action.run(
          fetch.POST('/api/v1/events/{eventId}/waitlist', {
            params: { path },
            body: body as never,
          }),
          'The guest is on the waiting list.',
        )
        return null
      },
    },
    end: {
      title: 'Take this guest off the waiting list?',
      nameOf: ({ name, id }) => name ?? id,
      confirm: 'Take off',
      text: 'A seat that was offered to them is free again.',
      onConfirm: ({ id: entryId }) =>
        action.run(
          fetch.POST('/api/v1/waitlist/{entryId}/withdraw', { params: { path: { entryId } } }),
          'The guest does not wait any more.',
        ),
    },
  })
  const columns: readonly ColumnOf<'/api/v1/events/{eventId}/waitlist'>[] = [
    {
      id: 'name',
      header: 'Guest',
      sort: 'name',
      value: ({ name }) => name,
      cell: ({ name }) => <Redacted value={name} />,
    },
    {
      id: 'email',
      header: 'Address',
      sort: 'email',
      value: ({ email }) => email,
      cell: ({ email }) => <Redacted value={email} />,
    },
    textColumn('type', 'Ticket type', typeOf),
    stateColumn('state', 'State', ({ state }) => state, eventTones, { sort: 'state' }),
    timeColumn('joined', 'Waits since', ({ joinedAt }) => joinedAt, { sort: 'joinedAt' }),
    timeColumn('offered', 'Offered until', ({ offeredUntil }) => offeredUntil, {
      sort: 'offeredUntil',
    }),
    ...(mayWrite
      ? [
          guests.endColumn(
            ({ state }) => state === 'waiting' || state === 'offered',
            ({ name }) => `Take off the waiting list: ${name ?? 'the guest'}`,
          ),
        ]
      : []),
  ]
  const list = useList('/api/v1/events/{eventId}/waitlist', {
    columns,
    path,
    query: { state: values['state'] },
  })
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
          event.status === 'published' && <Button onClick={guests.startMaking}>Add a guest</Button>
        }
        empty={{ title: 'Nobody waits', text: 'Guests can wait once an event is sold out.' }}
      />
      {guests.dialogues}
    </>
  )
}
