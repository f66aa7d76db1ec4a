import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { Time } from '../../details/time.js'
import { useMemberName } from '../../directory/use-members.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  actionColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useMay } from '../../session/session.js'
import { Remaining } from './remaining.js'

type Grant = ItemOf<'/api/v1/access-grants'>

const columns: readonly ColumnOf<'/api/v1/access-grants'>[] = [
  memberColumn('who', 'Who', ({ granteeId }) => granteeId),
  textColumn('mode', 'As', ({ mode }) => (mode === 'platform' ? 'platform support' : mode), {
    sort: 'mode',
  }),
  textColumn('writes', 'May', ({ canWrite }) => (canWrite ? 'read and write' : 'read only')),
  stateColumn('state', 'State', ({ state }) => state),
  textColumn('reason', 'Reason', ({ reason }) => reason),
  memberColumn('approved', 'Approved by', ({ approvedBy }) => approvedBy),
  timeColumn('starts', 'Begins', ({ startsAt }) => startsAt, {
    sort: 'startsAt',
    isOptional: true,
  }),
  {
    id: 'expires',
    header: 'Ends',
    value: ({ expiresAt }) => expiresAt,
    cell: (grant) => (
      <>
        <Time at={grant.expiresAt} />
        <Text size="xs" c="dimmed">
          <Remaining {...grant} />
        </Text>
      </>
    ),
    sort: 'expiresAt',
  },
  timeColumn('revoked', 'Revoked', ({ revokedAt }) => revokedAt, {
    sort: 'revokedAt',
    isOptional: true,
  }),
]

/** Who was let into the tenant from outside, why, and until when. */
export function Page(): ReactNode {
  const list = useList('/api/v1/access-grants', { columns })
  const mayWrite = useMay('access_grants.write')
  const [revoked, setRevoked] = useState<Grant | null>(null)
  const revokedName = useMemberName(revoked?.granteeId ?? null) ?? ''
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Access grants"
        description="Auditor windows and platform support: who was let in, why, until when. Every use is in the audit log."
        list={list}
        columns={
          mayWrite
            ? [
                ...columns,
                actionColumn<Grant>((grant) =>
                  grant.state === 'live' || grant.state === 'upcoming' ? (
                    <RevokeButton grant={grant} onRevoke={setRevoked} />
                  ) : null,
                ),
              ]
            : columns
        }
        keyOf={({ id }) => id}
        empty={{
          title: 'No access grants',
          text: 'Nobody from outside was ever let into this tenant.',
        }}
      />
      {revoked !== null && (
        <ConfirmModal
          title="Revoke this grant?"
          name={revokedName}
          confirm="Revoke"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/access-grants/{grantId}/revoke', {
                params: { path: { grantId: revoked.id } },
              }),
              'The grant was revoked.',
            )
          }
          onClose={() => setRevoked(null)}
        >
          {revokedName} is out at once. Another window needs another request.
        </ConfirmModal>
      )}
    </>
  )
}

function RevokeButton({
  grant,
  onRevoke,
}: {
  readonly grant: Grant
  readonly onRevoke: (grant: Grant) => void
}): ReactNode {
  const name = useMemberName(grant.granteeId) ?? ''
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={`Revoke the grant of ${name}`}
      onClick={() => onRevoke(grant)}
    >
      Revoke …
    </Button>
  )
}
