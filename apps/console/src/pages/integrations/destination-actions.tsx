import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { SecretOnce } from '../../details/secret-once.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay } from '../../session/session.js'
import type { Destination } from './destination-fields.js'
import { credentialFields, destinationFields, readCredential } from './destination-fields.js'

const path = '/api/v1/integrations/destinations/{destinationId}'

/** Change a destination, give it a new secret, or end it. */
export function DestinationActions({
  destination,
}: {
  readonly destination: Destination
}): ReactNode {
  const mayWrite = useMay('integrations.write')
  const [opened, setOpened] = useState<'change' | 'secret' | 'delete' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  const params = { path: { destinationId: destination.id } }
  if (!mayWrite) return null
  return (
    <>
      <Button variant="default" onClick={() => setOpened('change')}>
        Edit
      </Button>
      <Button variant="default" onClick={() => setOpened('secret')}>
        New secret
      </Button>
      <Button variant="default" onClick={() => setOpened('delete')}>
        Delete …
      </Button>
      {opened === 'change' && (
        <FormModal
          title={`Edit ${destination.name}`}
          fields={destinationFields(destination)}
          submit="Save"
          onSubmit={(body) =>
            action.run(fetch.PATCH(path, { params, body }), 'The destination was changed.')
          }
          onClose={close}
        />
      )}
      {opened === 'secret' && (
        <FormModal
          title={`New secret of ${destination.name}`}
          fields={credentialFields}
          submit="Set"
          onSubmit={async (values) => {
            const { credential, made } = readCredential(values)
            await action.run(
              fetch.PATCH(path, { params, body: { credential } as never }),
              'The destination has a new secret.',
            )
            setSecret(made)
          }}
          onClose={close}
        >
          The secret before stops working at once: change it at the receiver as well.
        </FormModal>
      )}
      {opened === 'delete' && (
        <ConfirmModal
          title="Delete this destination?"
          name={destination.name}
          confirm="Delete"
          onConfirm={async () => {
            await action.run(fetch.DELETE(path, { params }), 'The destination was deleted.')
            await navigate({ to: '/integrations' })
          }}
          onClose={close}
        >
          Nothing is sent to it any more, and its secret is destroyed. Its deliveries stay on
          record.
        </ConfirmModal>
      )}
      {secret !== null && (
        <SecretOnce
          title="Secret of the destination"
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  )
}
