import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import type { Field } from '../../forms/field.js'
import { useAction } from '../../forms/use-action.js'
import type { Tenant } from './staff-tenant.js'

const reason: Field = {
  name: 'reason',
  label: 'Reason',
  kind: 'textarea',
  isRequired: true,
  maxLength: 1000,
}

const exportTaken: Field = {
  name: 'exportTaken',
  label: 'The tenant has its data',
  help: 'Its export was handed over, or it has said that it wants none.',
  kind: 'switch',
}

/** How staff end a tenant: it is archived first, and what is archived can be erased or restored. */
export function EndingActions({ tenant }: { readonly tenant: Tenant }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'archive' | 'erase' | null>(null)
  const params = { path: { tenantId: tenant.id } }
  const close = (): void => setOpen(null)
  return (
    <>
      {tenant.status === 'archived' ? (
        <>
          <Button
            onClick={() =>
              action.start(
                () => fetch.POST('/api/v1/platform/tenants/{tenantId}/restore', { params }),
                'The tenant was restored.',
              )
            }
          >
            Restore
          </Button>
          <Button variant="default" onClick={() => setOpen('erase')}>
            Ask for erasure …
          </Button>
        </>
      ) : (
        <Button variant="default" onClick={() => setOpen('archive')}>
          Archive …
        </Button>
      )}
      {open === 'archive' && (
        <ConfirmModal
          title="Archive this tenant?"
          name={tenant.name}
          confirm="Archive"
          fields={[reason]}
          onConfirm={(values) =>
            action.run(
              fetch.POST('/api/v1/platform/tenants/{tenantId}/archive', {
                params,
                body: { ...values, confirm: tenant.name } as never,
              }),
              'The tenant was archived.',
            )
          }
          onClose={close}
        >
          At once the database shows its members nothing, until it is restored. Nothing is deleted.
        </ConfirmModal>
      )}
      {open === 'erase' && (
        <ConfirmModal
          title="Ask that this tenant be erased?"
          name={tenant.name}
          confirm="Ask"
          fields={[reason, exportTaken]}
          onConfirm={async (values) => {
            const made = await action.run(
              fetch.POST('/api/v1/platform/tenants/{tenantId}/erasures', {
                params,
                body: { ...values, confirm: tenant.name } as never,
              }),
              'The erasure was asked for; somebody else of staff has to agree.',
            )
            if (made !== undefined) await navigate({ to: `/erasures/${made.id}` })
          }}
          onClose={close}
        >
          Once somebody else of staff agrees, everything of the tenant is deleted for good, its
          audit log included. A proof of that stays.
        </ConfirmModal>
      )}
    </>
  )
}
