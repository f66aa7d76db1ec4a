import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { Redacted } from '../../details/redacted.js'
import { useAction } from '../../forms/use-action.js'
import { useMakeAndEnd } from '../../forms/use-make-and-end.js'
import { stateColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import type { Event } from './event-fields.js'
import { eventTones } from './event-tones.js'
import type { Registration } from './registration-actions.js'
import { RegistrationActions } from './registration-actions.js'
import { useRegistrationsExport } from './use-registrations-export.js'

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: ['pending', 'confirmed', 'cancelled'].map((value) => ({ value, label: value })),
  },
]

/** Who is registered for an event. */
export function RegistrationsTab({ event }: { readonly event: Event }): ReactNode {
  const path = { eventId: event.id }
  const [values] = useUrlValues()
  const { data: types } = useQueries().useQuery('get', '/api/v1/events/{eventId}/ticket-types', {
    params: { path },
  })
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('registrations.write')
  const exported = useRegistrationsExport(event, values['state'])
  const typeNames = new Map(types?.items.map(({ id, name }) => [id, name]))
  const options = (types?.items ?? [])
    .filter(({ archivedAt }) => archivedAt === null)
    .map(({ id, name }) => ({ value: id, label: name }))
  const guests = useMakeAndEnd<Registration>({
    make: {
      title: 'Register a guest',
      submit: 'Register',
      fields: [
        { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 200 },
        { name: 'email', label: 'Address', kind: 'text', isRequired: true, maxLength: 254 },
        { name: 'ticketTypeId', label: 'Ticket type', kind: 'choice', isRequired: true, options },
        { name: 'hold', label: 'Hold the seat until it is confirmed', kind: 'switch' },
      ],
      async onSubmit(body) {
        await action.run(
          fetch.POST('/api/v1/events/{eventId}/registrations', {
            params: { path },
            body: body as never,
          }),
          'The guest was registered.',
        )
        return null
      },
    },
    end: {
      title: 'Cancel this registration?',
      nameOf: ({ attendeeName, id }) => attendeeName ?? id,
      confirm: 'Cancel the registration',
      text: 'The ticket is not valid any more, and the seat goes to whoever waits first.',
      onConfirm: ({ id: registrationId }) =>
        action.run(
          fetch.POST('/api/v1/registrations/{registrationId}/cancel', {
            params: { path: { registrationId } },
          }),
          'The registration was cancelled; its seat is free again.',
        ),
    },
  })
  const columns: readonly ColumnOf<'/api/v1/events/{eventId}/registrations'>[] = [
    {
      id: 'name',
      header: 'Guest',
      sort: 'attendeeName',
      value: ({ attendeeName }) => attendeeName,
      cell: ({ attendeeName }) => <Redacted value={attendeeName} />,
    },
    {
      id: 'email',
      header: 'Address',
      sort: 'attendeeEmail',
      value: ({ attendeeEmail }) => attendeeEmail,
      cell: ({ attendeeEmail }) => <Redacted value={attendeeEmail} />,
    },
    {
      id: 'type',
      header: 'Ticket type',
      value: ({ ticketTypeId }) => typeNames.get(ticketTypeId) ?? null,
      cell: ({ ticketTypeId }) => typeNames.get(ticketTypeId) ?? '—',
    },
    stateColumn('state', 'State', ({ state }) => state, eventTones, { sort: 'state' }),
    timeColumn('registered', 'Registered', ({ registeredAt }) => registeredAt, {
      sort: 'registeredAt',
    }),
    timeColumn('reserved', 'Held until', ({ reservedUntil }) => reservedUntil, {
      sort: 'reservedUntil',
      isOptional: true,
    }),
    ...(mayWrite
      ? [
          {
            id: 'actions',
            header: 'Actions',
            cell: (registration: Registration) => (
              <RegistrationActions
                registration={registration}
                onCancel={() => guests.startEnding(registration)}
              />
            ),
          },
        ]
      : []),
  ]
  const list = useList('/api/v1/events/{eventId}/registrations', {
    columns,
    path,
    query: { state: values['state'] },
  })
  return (
    <>
      <ListPage
        title="Registrations"
        order={2}
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          <>
            <Menu>
              <Menu.Target>
                <Button
                  variant="default"
                  leftSection={<IconDownload size={16} aria-hidden />}
                  loading={exported.isBusy}
                >
                  Whole guest list
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => exported.start('csv')}>As CSV</Menu.Item>
                <Menu.Item onClick={() => exported.start('json')}>As JSON</Menu.Item>
              </Menu.Dropdown>
            </Menu>
            {mayWrite && event.status === 'published' && (
              <Button onClick={guests.startMaking}>Register a guest</Button>
            )}
          </>
        }
        empty={{
          title: 'Nobody is registered yet',
          text: 'Guests register on the public page, or somebody registers them here.',
        }}
      />
      {guests.dialogues}
    </>
  )
}
