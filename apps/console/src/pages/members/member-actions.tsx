import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { nameOfMember } from '../../directory/use-members.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useMayChange } from '../../session/session.js'
import { memberRoles } from './member-roles.js'

/** Change a member, keep them out, or let them in again. */
export function MemberActions({
  member,
}: {
  readonly member: ItemOf<'/api/v1/members'>
}): ReactNode {
  const mayWrite = useMayChange('members.write')
  const [opened, setOpened] = useState<'change' | 'suspend' | 'revoke' | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { userId: member.userId } }
  const name = nameOfMember(member)
  if (!mayWrite) return null
  return (
    <>
      {member.status !== 'revoked' && (
        <Button variant="default" onClick={() => setOpened('change')}>
          Edit
        </Button>
      )}
      {member.status === 'active' && (
        <Button variant="default" onClick={() => setOpened('suspend')}>
          Suspend …
        </Button>
      )}
      {member.status !== 'revoked' && (
        <Button variant="default" onClick={() => setOpened('revoke')}>
          Revoke …
        </Button>
      )}
      {member.status !== 'active' && (
        <Button
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/members/{userId}/reinstate', { params }),
              `${name} is a member again.`,
            )
          }
        >
          Reinstate
        </Button>
      )}
      {opened === 'change' && (
        <FormModal
          title={`Edit ${name}`}
          submit="Save"
          fields={[
            {
              name: 'role',
              label: 'Role',
              kind: 'choice',
              isRequired: true,
              options: memberRoles,
              initial: member.role,
            },
            {
              name: 'jobTitle',
              label: 'Job title',
              kind: 'text',
              maxLength: 200,
              initial: member.jobTitle ?? '',
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/members/{userId}', {
                params,
                body: withCleared(values, ['jobTitle'], null),
              }),
              'The member was changed.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'suspend' && (
        <ConfirmModal
          title="Suspend this member?"
          name={name}
          confirm="Suspend"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/members/{userId}/suspend', { params }),
              `${name} is suspended.`,
            )
          }
          onClose={close}
        >
          They are out at once, until somebody reinstates them.
        </ConfirmModal>
      )}
      {opened === 'revoke' && (
        <ConfirmModal
          title="Revoke this membership?"
          name={name}
          confirm="Revoke"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/members/{userId}/revoke', { params }),
              `The membership of ${name} is revoked.`,
            )
          }
          onClose={close}
        >
          They are out at once; their API keys and open invitations end too.
        </ConfirmModal>
      )}
    </>
  )
}
