import { Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  actionColumn,
  linkColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { DecisionButtons } from './decision-buttons.js'
import type { Outcome } from './decision-buttons.js'

type Request = ItemOf<'/api/v1/platform/archive-requests'>

interface Decision {
  readonly request: Request
  readonly outcome: Outcome
}

const columns: readonly ColumnOf<'/api/v1/platform/archive-requests'>[] = [
  linkColumn(
    'tenant',
    'Tenant',
    ({ tenantName }) => tenantName,
    ({ tenantId }) => `/tenants/${tenantId}`,
    { sort: 'tenantName' },
  ),
  textColumn('by', 'Asked by', ({ requesterEmail }) => requesterEmail),
  stateColumn('status', 'Status', ({ status }) => status),
  timeColumn('created', 'Asked', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  textColumn('reason', 'Reason', ({ reason }) => reason),
  timeColumn('decided', 'Decided', ({ decidedAt }) => decidedAt, { isOptional: true }),
  textColumn('note', 'Note', ({ decisionNote }) => decisionNote, { isOptional: true }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('pending', 'approved', 'rejected'),
  },
]

/** Tenants whose administrators want them archived. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/platform/archive-requests', {
    columns,
    query: pick(values, ['status']),
  })
  const [decision, setDecision] = useState<Decision | null>(null)
  const buttons = (request: Request): ReactNode =>
    request.status === 'pending' && (
      <DecisionButtons
        name={request.tenantName}
        onDecide={(outcome) => setDecision({ request, outcome })}
      />
    )
  return (
    <>
      <ListPage
        title="Archive requests"
        description="Approving one archives its tenant. Nobody decides a request of their own."
        list={list}
        columns={[...columns, actionColumn(buttons)]}
        filters={filters}
        keyOf={({ id }) => id}
        empty={{
          title: 'No tenant wants to be archived',
          text: 'Administrators ask for it in the settings of their tenant. Requests go when the tenant is erased.',
        }}
      />
      {decision !== null && <DecisionModal decision={decision} onClose={() => setDecision(null)} />}
    </>
  )
}

function DecisionModal({
  decision: { request, outcome },
  onClose,
}: {
  readonly decision: Decision
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const { id: archiveRequestId, tenantId, tenantName, reason } = request
  const params = { path: { tenantId, archiveRequestId } }
  if (outcome === 'reject') {
    return (
      <FormModal
        title={`Reject ${tenantName}?`}
        submit="Reject"
        fields={[
          { name: 'note', label: 'Why', kind: 'textarea', isRequired: true, maxLength: 1000 },
        ]}
        onSubmit={(body) =>
          action.run(
            fetch.POST(
              '/api/v1/platform/tenants/{tenantId}/archive-requests/{archiveRequestId}/reject',
              { params, body: body as never },
            ),
            'The request was rejected.',
          )
        }
        onClose={onClose}
      >
        <Text size="sm">The administrators of the tenant read it.</Text>
      </FormModal>
    )
  }
  return (
    <ConfirmModal
      title="Archive this tenant?"
      name={tenantName}
      confirm="Archive"
      fields={[{ name: 'note', label: 'Note', kind: 'textarea', maxLength: 1000 }]}
      onConfirm={(body) =>
        action.run(
          fetch.POST(
            '/api/v1/platform/tenants/{tenantId}/archive-requests/{archiveRequestId}/approve',
            { params, body },
          ),
          'The tenant was archived.',
        )
      }
      onClose={onClose}
    >
      At once the database shows its members nothing, until it is restored. Their reason: {reason}
    </ConfirmModal>
  )
}
