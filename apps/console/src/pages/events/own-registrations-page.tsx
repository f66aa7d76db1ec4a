import { Button, Code, Stack } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { linkColumn, stateColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { eventTones } from './event-tones.js'
import { OwnWaitlist } from './own-waitlist.js'

type Registration = ItemOf<'/api/v1/me/registrations'>

/** The caller's own tickets in this tenant, and what they wait for. */
export function Page(): ReactNode {
  const list = useList('/api/v1/me/registrations')
  const { data: events } = useQueries().useQuery('get', '/api/v1/events', {
    params: { query: { limit: 100 } },
  })
  const { fetch } = useApi()
  const action = useAction()
  const [cancelled, setCancelled] = useState<Registration | null>(null)
  const titles = new Map(events?.items.map(({ id, title }) => [id, title]))
  const titleOf = (eventId: string): string => titles.get(eventId) ?? 'Event'
  const columns: readonly Column<Registration>[] = [
    linkColumn(
      'event',
      'Event',
      ({ eventId }) => titleOf(eventId),
      ({ eventId }) => `/events/${eventId}`,
    ),
    stateColumn('state', 'State', ({ state }) => state, eventTones),
    {
      id: 'code',
      header: 'Ticket code',
      cell: ({ code }) => (code === null ? '—' : <Code>{code}</Code>),
    },
    timeColumn('registered', 'Registered', ({ registeredAt }) => registeredAt),
    {
      id: 'actions',
      header: 'Actions',
      cell: (registration) =>
        registration.state !== 'cancelled' && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Cancel ${titleOf(registration.eventId)}`}
            onClick={() => setCancelled(registration)}
          >
            Cancel …
          </Button>
        ),
    },
  ]
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
      <OwnWaitlist titleOf={titleOf} />
      {cancelled !== null && (
        <ConfirmModal
          title="Cancel your registration?"
          name={titleOf(cancelled.eventId)}
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
