import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay } from '../../session/session.js'
import type { Event } from './event-fields.js'
import { changedEventBody, eventFields } from './event-fields.js'
import { TakePart } from './take-part.js'

/** What can be done with an event in its state. */
export function EventActions({ event }: { readonly event: Event }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  const mayWrite = useMay('events.write')
  const [open, setOpen] = useState<'edit' | 'cancel' | 'delete' | null>(null)
  const params = { path: { eventId: event.id } }
  const { status } = event
  const isLive = status === 'draft' || status === 'published'
  const hasStarted = Date.parse(event.startsAt) <= Date.now()
  const close = (): void => setOpen(null)
  return (
    <>
      {status === 'published' && <TakePart event={event} />}
      {mayWrite && status === 'draft' && (
        <Button
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/events/{eventId}/publish', { params }),
              'The event was published; it has a public page.',
            )
          }
        >
          Publish
        </Button>
      )}
      {mayWrite && status === 'published' && hasStarted && (
        <Button
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/events/{eventId}/complete', { params }),
              'The event was completed.',
            )
          }
        >
          Complete
        </Button>
      )}
      {mayWrite && isLive && (
        <>
          <Button variant="default" onClick={() => setOpen('edit')}>
            Edit
          </Button>
          <Button variant="default" onClick={() => setOpen('cancel')}>
            Call off …
          </Button>
        </>
      )}
      {mayWrite && event.placesTaken === 0 && (
        <Button variant="default" onClick={() => setOpen('delete')}>
          Delete …
        </Button>
      )}
      {open === 'edit' && (
        <FormModal
          title="Edit the event"
          fields={eventFields(event)}
          submit="Save"
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/events/{eventId}', {
                params,
                body: changedEventBody(values) as never,
              }),
              'The event was changed.',
            )
          }
          onClose={close}
        />
      )}
      {open === 'cancel' && (
        <ConfirmModal
          title="Call this event off?"
          name={event.title}
          confirm="Call off"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/events/{eventId}/cancel', { params }),
              'The event was called off.',
            )
          }
          onClose={close}
        >
          Its public page goes, and nobody can register any more. {event.placesTaken} places are
          taken.
        </ConfirmModal>
      )}
      {open === 'delete' && (
        <ConfirmModal
          title="Delete this event?"
          name={event.title}
          confirm="Delete"
          onConfirm={async () => {
            await action.run(
              fetch.DELETE('/api/v1/events/{eventId}', { params }),
              'The event was deleted.',
            )
            await navigate({ to: '/events' })
          }}
          onClose={close}
        >
          It goes with its ticket types. The server refuses this once somebody is registered.
        </ConfirmModal>
      )}
    </>
  )
}
