import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { EndingActions } from './ending-actions.js'
import { RequestAccess } from './request-access.js'
import type { Tenant } from './staff-tenant.js'

type Open = 'suspend' | 'hold' | 'release' | 'access'

/** What staff can do with a tenant in its state. */
export function TenantActions({ tenant }: { readonly tenant: Tenant }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const [open, setOpen] = useState<Open | null>(null)
  const params = { path: { tenantId: tenant.id } }
  const close = (): void => setOpen(null)
  const isHeld = tenant.legalHold !== null
  return (
    <>
      {tenant.status === 'active' && (
        <>
          <Button onClick={() => setOpen('access')}>Ask for access …</Button>
          <Button variant="default" onClick={() => setOpen('suspend')}>
            Suspend …
          </Button>
        </>
      )}
      {tenant.status === 'suspended' && (
        <Button
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/platform/tenants/{tenantId}/resume', { params }),
              'The tenant was resumed.',
            )
          }
        >
          Resume
        </Button>
      )}
      <Button variant="default" onClick={() => setOpen(isHeld ? 'release' : 'hold')}>
        {isHeld ? 'Release the legal hold …' : 'Place a legal hold …'}
      </Button>
      <EndingActions tenant={tenant} />
      {open === 'access' && <RequestAccess tenant={tenant} onClose={close} />}
      {open === 'suspend' && (
        <ConfirmModal
          title="Suspend this tenant?"
          name={tenant.name}
          confirm="Suspend"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/platform/tenants/{tenantId}/suspend', { params }),
              'The tenant was suspended.',
            )
          }
          onClose={close}
        >
          At once the database shows its members nothing, until it is resumed. Its public pages are
          gone as long.
        </ConfirmModal>
      )}
      {open === 'hold' && (
        <FormModal
          title="Place a legal hold"
          submit="Place"
          fields={[
            {
              name: 'reason',
              label: 'Reason',
              kind: 'textarea',
              isRequired: true,
              maxLength: 1000,
            },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.PUT('/api/v1/platform/tenants/{tenantId}/legal-hold', {
                params,
                body: body as never,
              }),
              'Nothing of the tenant may be erased now.',
            )
          }
          onClose={close}
        />
      )}
      {open === 'release' && (
        <ConfirmModal
          title="Release the legal hold?"
          name={tenant.name}
          confirm="Release"
          onConfirm={() =>
            action.run(
              fetch.DELETE('/api/v1/platform/tenants/{tenantId}/legal-hold', { params }),
              'The legal hold was released.',
            )
          }
          onClose={close}
        >
          From then on data of the tenant may be erased.
        </ConfirmModal>
      )}
    </>
  )
}
