import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay, useSession } from '../../session/session.js'
import type { Event } from './event-fields.js'

/** Registers the caller for an event, or puts them on its waiting list. */
export function TakePart({ event }: { readonly event: Event }): ReactNode {
  const { session } = useSession()
  const { fetch } = useApi()
  const action = useAction()
  const may = useMay('registrations.own') && session.mode === 'member'
  const [open, setOpen] = useState<'register' | 'wait' | null>(null)
  const params = { path: { eventId: event.id } }
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/events/{eventId}/ticket-types',
    { params },
    { enabled: may && open !== null },
  )
  if (!may) return null
  const options = (data?.items ?? [])
    .filter(({ archivedAt, isHidden }) => archivedAt === null && !isHidden)
    .map(({ id, name }) => ({ value: id, label: name }))
  const close = (): void => setOpen(null)
  return (
    <>
      <Button variant="default" onClick={() => setOpen('register')}>
        Register myself …
      </Button>
      {event.placesTaken >= event.capacity && (
        <Button variant="default" onClick={() => setOpen('wait')}>
          Wait for a seat …
        </Button>
      )}
      {open === 'register' && (
        <FormModal
          title="Register yourself"
          submit="Register"
          fields={[
            {
              name: 'ticketTypeId',
              label: 'Ticket type',
              kind: 'choice',
              isRequired: true,
              options,
            },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/events/{eventId}/registrations/own', {
                params,
                body: body as never,
              }),
              'You are registered; your ticket is under My registrations.',
            )
          }
          onClose={close}
        />
      )}
      {open === 'wait' && (
        <FormModal
          title="Wait for a seat"
          submit="Wait"
          fields={[
            {
              name: 'ticketTypeId',
              label: 'Ticket type',
              help: 'Leave it open to take whatever is free first.',
              kind: 'choice',
              options,
            },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/events/{eventId}/waitlist/own', { params, body: body as never }),
              'You are on the waiting list.',
            )
          }
          onClose={close}
        />
      )}
    </>
  )
}
