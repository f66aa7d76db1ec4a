import { Button, Code, Stack } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { PageLink } from '../../details/page-link.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import { stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { eventTones } from './event-tones.js'
import { ownTitle } from './own-title.js'
import { OwnWaitlist } from './own-waitlist.js'

type Registration = ItemOf<'/api/v1/me/registrations'>

/** The caller's own tickets in this tenant, and what they wait for. */
export function Page(): ReactNode {
  const { data: events } = useQueries().useQuery('get', '/api/v1/events', {
    params: { query: { limit: 100 } },
  })
  const { fetch } = useApi()
  const action = useAction()
  const [cancelled, setCancelled] = useState<Registration | null>(null)
  const visible = new Set(events?.items.map(({ id }) => id))
  const columns: readonly ColumnOf<'/api/v1/me/registrations'>[] = [
    {
      id: 'event',
      header: 'Event',
      value: ownTitle,
      // Tickets are kept for events that the caller does not see, or not any more.
      cell: (registration) =>
        visible.has(registration.eventId) ? (
          <PageLink to={`/events/${registration.eventId}`}>{ownTitle(registration)}</PageLink>
        ) : (
          ownTitle(registration)
        ),
    },
    textColumn('organiser', 'Organiser', ({ event }) => event?.tenantName ?? null),
    timeColumn('starts', 'Starts', ({ event }) => event?.startsAt ?? null),
    stateColumn('state', 'State', ({ state }) => state, eventTones, { sort: 'state' }),
    {
      id: 'code',
      header: 'Ticket code',
      cell: ({ code }) => (code === null ? '—' : <Code>{code}</Code>),
    },
    timeColumn('registered', 'Registered', ({ registeredAt }) => registeredAt, {
      sort: 'registeredAt',
    }),
    {
      id: 'actions',
      header: 'Actions',
      cell: (registration) =>
        registration.state !== 'cancelled' && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Cancel ${ownTitle(registration)}`}
            onClick={() => setCancelled(registration)}
          >
            Cancel …
          </Button>
        ),
    },
  ]
  const list = useList('/api/v1/me/registrations', { columns })
  return (
    <Stack gap="xl">
      <ListPage
        title="My registrations"
        description="Your tickets in this tenant; the code opens the door."
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        empty={{
          title: 'You are registered for nothing here',
          text: 'Registrations in other tenants are shown there.',
        }}
      />
      <OwnWaitlist />
      {cancelled !== null && (
        <ConfirmModal
          title="Cancel your registration?"
          name={ownTitle(cancelled)}
          confirm="Cancel the registration"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/me/registrations/{registrationId}/cancel', {
                params: { path: { registrationId: cancelled.id } },
              }),
              'Your registration was cancelled.',
            )
          }
          onClose={() => setCancelled(null)}
        >
          Your seat goes to whoever waits first.
        </ConfirmModal>
      )}
    </Stack>
  )
}
