import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useAction } from '../../forms/use-action.js'
import type { ItemOf } from '../../lists/use-list.js'

/** A guest of an event. */
export type Registration = ItemOf<'/api/v1/events/{eventId}/registrations'>

/** What can be done with a registration in its state. */
export function RegistrationActions({
  registration: { id, state, attendeeName },
  onCancel,
}: {
  readonly registration: Registration
  readonly onCancel: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const who = attendeeName ?? 'the guest'
  if (state === 'cancelled') return null
  return (
    <Group gap="xs" wrap="nowrap">
      {state === 'pending' && (
        <Button
          size="compact-sm"
          aria-label={`Confirm ${who}`}
          onClick={() =>
            action.start(
              () =>
                fetch.POST('/api/v1/registrations/{registrationId}/confirm', {
                  params: { path: { registrationId: id } },
                }),
              'The registration was confirmed.',
            )
          }
        >
          Confirm
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Cancel the registration of ${who}`}
        onClick={onCancel}
      >
        Cancel …
      </Button>
    </Group>
  )
}
