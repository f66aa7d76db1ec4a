import { Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { SecretOnce } from '../../details/secret-once.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { actionColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { DecisionButtons } from './decision-buttons.js'
import type { Outcome } from './decision-buttons.js'

type Request = ItemOf<'/api/v1/platform/organization-requests'>

interface Decision {
  readonly request: Request
  readonly outcome: Outcome
}

const columns: readonly ColumnOf<'/api/v1/platform/organization-requests'>[] = [
  textColumn('name', 'Organisation', ({ organizationName }) => organizationName, {
    sort: 'organizationName',
  }),
  textColumn('slug', 'Name in the address', ({ slug }) => slug),
  textColumn('by', 'Asked by', ({ requesterEmail }) => requesterEmail),
  stateColumn('status', 'Status', ({ status }) => status),
  timeColumn('created', 'Asked', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  textColumn('message', 'Message', ({ message }) => message),
  timeColumn('decided', 'Decided', ({ decidedAt }) => decidedAt, { isOptional: true }),
  textColumn('note', 'Note', ({ decisionNote }) => decisionNote, { isOptional: true }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: ['pending', 'approved', 'rejected'].map((value) => ({ value, label: value })),
  },
]

/** Who asks for an organisation of their own. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/platform/organization-requests', {
    columns,
    query: { status: values['status'] },
  })
  const [decision, setDecision] = useState<Decision | null>(null)
  const [invitation, setInvitation] = useState<string | null>(null)
  const buttons = (request: Request): ReactNode =>
    request.status === 'pending' && (
      <DecisionButtons
        name={request.organizationName}
        onDecide={(outcome) => setDecision({ request, outcome })}
      />
    )
  return (
    <>
      <ListPage
        title="Organisation requests"
        description="Approving one makes its tenant and invites who asked as its first administrator."
        list={list}
        columns={[...columns, actionColumn(buttons)]}
        filters={filters}
        keyOf={({ id }) => id}
        empty={{
          title: 'Nobody has asked',
          text: 'People without an organisation can ask for one.',
        }}
      />
      {decision !== null && (
        <DecisionModal
          decision={decision}
          onInvitation={setInvitation}
          onClose={() => setDecision(null)}
        />
      )}
      {invitation !== null && (
        <SecretOnce
          title="Invitation of the first administrator"
          secret={invitation}
          onClose={() => setInvitation(null)}
        />
      )}
    </>
  )
}

function DecisionModal({
  decision: { request, outcome },
  onInvitation,
  onClose,
}: {
  readonly decision: Decision
  readonly onInvitation: (token: string | null) => void
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { requestId: request.id } }
  if (outcome === 'reject') {
    return (
      <FormModal
        title={`Reject ${request.organizationName}?`}
        submit="Reject"
        fields={[
          { name: 'note', label: 'Why', kind: 'textarea', isRequired: true, maxLength: 1000 },
        ]}
        onSubmit={(body) =>
          action.run(
            fetch.POST('/api/v1/platform/organization-requests/{requestId}/reject', {
              params,
              body: body as never,
            }),
            'The request was rejected.',
          )
        }
        onClose={onClose}
      >
        <Text size="sm">Who asked reads it.</Text>
      </FormModal>
    )
  }
  return (
    <FormModal
      title={`Approve ${request.organizationName}?`}
      submit="Approve"
      fields={[
        {
          name: 'slug',
          label: 'Name in the address',
          kind: 'text',
          maxLength: 63,
          initial: request.slug,
        },
        { name: 'note', label: 'Note', kind: 'textarea', maxLength: 1000 },
      ]}
      onSubmit={async (body) => {
        const made = await action.run(
          fetch.POST('/api/v1/platform/organization-requests/{requestId}/approve', {
            params,
            body: body as never,
          }),
          'The tenant was made.',
        )
        onInvitation(made?.invitationToken ?? null)
      }}
      onClose={onClose}
    >
      <Text size="sm">{request.message}</Text>
    </FormModal>
  )
}
