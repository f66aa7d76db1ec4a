import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import { RowActions } from '../../lists/row-actions.js'
import type { ItemOf } from '../../lists/use-list.js'

/** Disable, enable or destroy a version of a key. */
export function KeyActions({ of: key }: { readonly of: ItemOf<'/api/v1/keys'> }): ReactNode {
  const [opened, setOpened] = useState<'disable' | 'destroy' | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { keyId: key.id } }
  if (key.state === 'destroyed') return null
  return (
    <RowActions>
      {key.state === 'disabled' ? (
        <Button
          size="xs"
          variant="default"
          aria-label={`Enable ${key.name}`}
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/keys/{keyId}/enable', { params }),
              `${key.name} is enabled.`,
            )
          }
        >
          Enable
        </Button>
      ) : (
        <Button
          size="xs"
          variant="default"
          aria-label={`Disable ${key.name}`}
          onClick={() => setOpened('disable')}
        >
          Disable …
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        aria-label={`Destroy ${key.name}`}
        onClick={() => setOpened('destroy')}
      >
        Destroy …
      </Button>
      {opened === 'disable' && (
        <ConfirmModal
          title="Disable this key?"
          name={key.name}
          confirm="Disable"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/keys/{keyId}/disable', { params }),
              `${key.name} is disabled.`,
            )
          }
          onClose={close}
        >
          What it sealed cannot be opened until it is enabled again.
        </ConfirmModal>
      )}
      {opened === 'destroy' && (
        <ConfirmModal
          title="Destroy this key?"
          name={key.name}
          confirm="Destroy"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/keys/{keyId}/destroy', {
                params,
                body: { confirm: key.name },
              }),
              `${key.name} is destroyed.`,
            )
          }
          onClose={close}
        >
          What it sealed can be opened by nobody from then on. This cannot be taken back.
        </ConfirmModal>
      )}
    </RowActions>
  )
}
