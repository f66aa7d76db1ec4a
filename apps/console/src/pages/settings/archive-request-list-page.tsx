import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import { memberColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useMayChange, useSession } from '../../session/session.js'

const columns: readonly ColumnOf<'/api/v1/archive-requests'>[] = [
  timeColumn('created', 'Asked', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  memberColumn('by', 'Asked by', ({ requestedBy }) => requestedBy),
  stateColumn('status', 'Status', ({ status }) => status),
  textColumn('reason', 'Reason', ({ reason }) => reason),
  timeColumn('decided', 'Decided', ({ decidedAt }) => decidedAt),
  textColumn('note', 'What the platform says', ({ decisionNote }) => decisionNote),
]

/** Requests of the tenant that all of it be archived. */
export function Page(): ReactNode {
  const { session } = useSession()
  const list = useList('/api/v1/archive-requests', { columns })
  const mayAsk = useMayChange('tenant.archive')
  const { fetch } = useApi()
  const action = useAction()
  const [isAsking, setAsking] = useState(false)
  const name = session.tenant?.name ?? ''
  const isPending = list.items.some(({ status }) => status === 'pending')
  return (
    <>
      <ListPage
        title="Archiving"
        description="Staff of the platform decide. An archived tenant shows its members nothing until staff restore it; nothing of it is deleted by that."
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        actions={
          mayAsk &&
          !list.isLoading &&
          !isPending && (
            <Button variant="default" onClick={() => setAsking(true)}>
              Ask for archiving …
            </Button>
          )
        }
        empty={{
          title: 'Nobody has asked',
          text: 'Administrators ask here that the whole tenant be archived, one request at a time.',
        }}
      />
      {isAsking && (
        <ConfirmModal
          title="Ask that the whole tenant be archived?"
          name={name}
          confirm="Ask"
          fields={[
            {
              name: 'reason',
              label: 'Reason',
              kind: 'textarea',
              isRequired: true,
              maxLength: 1000,
            },
          ]}
          onConfirm={(values) =>
            action.run(
              fetch.POST('/api/v1/archive-requests', {
                body: { ...values, confirm: name } as never,
              }),
              'The platform was asked; its staff decide.',
            )
          }
          onClose={() => setAsking(false)}
        >
          When staff approve, the database shows nobody of the tenant anything, you included.
        </ConfirmModal>
      )}
    </>
  )
}
