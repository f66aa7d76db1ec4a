import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'

type Erasure = operations['getErasure']['responses'][200]['content']['application/json']

/** What staff can do with an erasure in its state; who asked for it is refused by the server. */
export function ErasureActions({ erasure }: { readonly erasure: Erasure }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const [open, setOpen] = useState<'approve' | 'reject' | null>(null)
  const { id: erasureId, tenantName, status } = erasure
  const params = { path: { erasureId } }
  const close = (): void => setOpen(null)
  const isPending = status === 'pending'
  if (!isPending && status !== 'approved') return null
  return (
    <>
      {isPending && <Button onClick={() => setOpen('approve')}>Approve …</Button>}
      <Button variant="default" onClick={() => setOpen('reject')}>
        {isPending ? 'Reject …' : 'Stop …'}
      </Button>
      {open === 'approve' && (
        <ConfirmModal
          title="Agree that this tenant be erased?"
          name={tenantName}
          confirm="Approve"
          fields={[{ name: 'note', label: 'Note', kind: 'textarea', maxLength: 1000 }]}
          onConfirm={(values) =>
            action.run(
              fetch.POST('/api/v1/platform/erasures/{erasureId}/approve', {
                params,
                body: { ...values, confirm: tenantName },
              }),
              'The erasure was approved; it can be stopped for a quarter of an hour.',
            )
          }
          onClose={close}
        >
          A quarter of an hour later everything of the tenant is deleted for good, its audit log
          included.
          {!erasure.exportTaken && ' Whoever asked did not say that the tenant has its data.'}
        </ConfirmModal>
      )}
      {open === 'reject' && (
        <FormModal
          title={isPending ? 'Reject this erasure?' : 'Stop this erasure?'}
          submit={isPending ? 'Reject' : 'Stop'}
          fields={[
            { name: 'note', label: 'Why', kind: 'textarea', isRequired: true, maxLength: 1000 },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/platform/erasures/{erasureId}/reject', {
                params,
                body: body as never,
              }),
              'The tenant is not erased.',
            )
          }
          onClose={close}
        >
          <Text size="sm">The tenant stays archived; its erasure can be asked for again.</Text>
        </FormModal>
      )}
    </>
  )
}
