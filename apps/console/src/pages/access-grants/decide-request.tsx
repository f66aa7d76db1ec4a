import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useMemberName } from '../../directory/use-members.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { RowActions } from '../../lists/row-actions.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useSession } from '../../session/session.js'

/** Lets in, or refuses, whom somebody else asked for. */
export function DecideRequest({
  request,
}: {
  readonly request: ItemOf<'/api/v1/access-grant-requests'>
}): ReactNode {
  const [decision, setDecision] = useState<'approve' | 'reject' | null>(null)
  const { user } = useSession().session
  const who = useMemberName(request.granteeId) ?? ''
  const { fetch } = useApi()
  const action = useAction()
  if (request.status !== 'pending') return null
  if (request.requestedBy === user.id || request.granteeId === user.id) {
    return 'waits for a second person'
  }
  return (
    <RowActions>
      <Button size="xs" aria-label={`Approve ${who}`} onClick={() => setDecision('approve')}>
        Approve
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={`Reject ${who}`}
        onClick={() => setDecision('reject')}
      >
        Reject
      </Button>
      {decision !== null && (
        <FormModal
          title={decision === 'approve' ? `Let ${who} in?` : `Refuse ${who}?`}
          submit={decision === 'approve' ? 'Approve' : 'Reject'}
          fields={[{ name: 'note', label: 'Note', kind: 'textarea', maxLength: 1000 }]}
          onSubmit={(body) =>
            action.run(
              fetch.POST(`/api/v1/access-grant-requests/{requestId}/${decision}`, {
                params: { path: { requestId: request.id } },
                body,
              }),
              decision === 'approve' ? 'The request was approved.' : 'The request was rejected.',
            )
          }
          onClose={() => setDecision(null)}
        >
          Reason given: {request.reason}
        </FormModal>
      )}
    </RowActions>
  )
}
