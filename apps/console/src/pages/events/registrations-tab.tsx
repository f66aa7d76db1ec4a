import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { Redacted } from '../../details/redacted.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { stateColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
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
  const list = useList('/api/v1/events/{eventId}/registrations', {
    path,
    query: { state: values['state'] },
  })
  const { data: types } = useQueries().useQuery('get', '/api/v1/events/{eventId}/ticket-types', {
    params: { path },
  })
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('registrations.write')
  const exported = useRegistrationsExport(event, values['state'])
  const [isAdding, setAdding] = useState(false)
  const [cancelled, setCancelled] = useState<Registration | null>(null)
  const typeNames = new Map(types?.items.map(({ id, name }) => [id, name]))
  const columns: readonly Column<Registration>[] = [
    {
      id: 'name',
      header: 'Guest',
      value: ({ attendeeName }) => attendeeName,
      cell: ({ attendeeName }) => <Redacted value={attendeeName} />,
    },
    {
      id: 'email',
      header: 'Address',
      value: ({ attendeeEmail }) => attendeeEmail,
      cell: ({ attendeeEmail }) => <Redacted value={attendeeEmail} />,
    },
    {
      id: 'type',
      header: 'Ticket type',
      value: ({ ticketTypeId }) => typeNames.get(ticketTypeId) ?? null,
      cell: ({ ticketTypeId }) => typeNames.get(ticketTypeId) ?? '—',
    },
    stateColumn('state', 'State', ({ state }) => state, eventTones),
    timeColumn('registered', 'Registered', ({ registeredAt }) => registeredAt),
    timeColumn('reserved', 'Held until', ({ reservedUntil }) => reservedUntil, {
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
                onCancel={() => setCancelled(registration)}
              />
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
        title="Registrations"
        order={2}
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              loading={exported.isBusy}
              onClick={exported.start}
            >
              Guest list of the server
            </Button>
            {mayWrite && event.status === 'published' && (
              <Button onClick={() => setAdding(true)}>Register a guest</Button>
            )}
          </>
        }
        empty={{
          title: 'Nobody is registered yet',
          text: 'Guests register on the public page, or somebody registers them here.',
        }}
      />
      {isAdding && (
        <FormModal
          title="Register a guest"
          submit="Register"
          fields={[
            { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 200 },
            { name: 'email', label: 'Address', kind: 'text', isRequired: true, maxLength: 254 },
            {
              name: 'ticketTypeId',
              label: 'Ticket type',
              kind: 'choice',
              isRequired: true,
              options,
            },
            { name: 'hold', label: 'Hold the seat until it is confirmed', kind: 'switch' },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/events/{eventId}/registrations', {
                params: { path },
                body: body as never,
              }),
              'The guest was registered.',
            )
          }
          onClose={() => setAdding(false)}
        />
      )}
      {cancelled !== null && (
        <ConfirmModal
          title="Cancel this registration?"
          name={cancelled.attendeeName ?? cancelled.id}
          confirm="Cancel the registration"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/registrations/{registrationId}/cancel', {
                params: { path: { registrationId: cancelled.id } },
              }),
              'The registration was cancelled; its seat is free again.',
            )
          }
          onClose={() => setCancelled(null)}
        >
          The ticket is not valid any more, and the seat goes to whoever waits first.
        </ConfirmModal>
      )}
    </>
  )
}
