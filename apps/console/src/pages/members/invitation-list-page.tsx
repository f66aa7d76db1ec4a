import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { SecretOnce } from '../../details/secret-once.js'
import { shortId } from '../../directory/use-members.js'
import { useOrgUnitField } from '../../directory/use-org-units.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import {
  actionColumn,
  memberColumn,
  orgUnitColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMayChange } from '../../session/session.js'
import { memberRoles, roleName } from './member-roles.js'

type Invitation = ItemOf<'/api/v1/invitations'>

const columns: readonly Column<Invitation>[] = [
  textColumn('email', 'E-mail', ({ email }) => email),
  textColumn('role', 'Role', ({ role }) => roleName(role)),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  stateColumn('state', 'State', ({ state }) => state),
  memberColumn('by', 'Invited by', ({ invitedBy }) => invitedBy),
  timeColumn('created', 'Invited', ({ createdAt }) => createdAt, { isOptional: true }),
  timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: options('open', 'accepted', 'revoked', 'expired'),
  },
]

const fields: readonly Field[] = [
  { name: 'email', label: 'E-mail', kind: 'text', isRequired: true, maxLength: 254 },
  { name: 'role', label: 'Role', kind: 'choice', isRequired: true, options: memberRoles },
  {
    name: 'expiresInDays',
    label: 'Days',
    kind: 'number',
    initial: '7',
    help: 'How long it can be accepted, 30 days at most.',
  },
]

/** Invitations into the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/invitations', { query: pick(values, ['state']) })
  const mayWrite = useMayChange('members.write')
  const orgUnitField = useOrgUnitField()
  const [isInviting, setInviting] = useState(false)
  const [token, setToken] = useState<string | null>(null)
  const [revoked, setRevoked] = useState<Invitation | null>(null)
  const { fetch } = useApi()
  const action = useAction()
  const nameOf = ({ email, id }: Invitation): string => email ?? shortId(id)
  return (
    <>
      <ListPage
        title="Invitations"
        description="Who was asked to become a member. The token is shown once: pass it on to them."
        list={list}
        columns={
          mayWrite
            ? [
                ...columns,
                actionColumn<Invitation>((invitation) =>
                  invitation.state === 'open' ? (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={`Revoke the invitation of ${nameOf(invitation)}`}
                      onClick={() => setRevoked(invitation)}
                    >
                      Revoke …
                    </Button>
                  ) : null,
                ),
              ]
            : columns
        }
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setInviting(true)}>Invite somebody</Button>}
        empty={{
          title: 'No invitations',
          text: 'Nobody was invited into the org units that you see.',
        }}
      />
      {isInviting && (
        <FormModal
          title="Invite somebody"
          fields={[...fields, ...orgUnitField]}
          submit="Invite"
          onSubmit={async (body) => {
            const made = await action.run(
              fetch.POST('/api/v1/invitations', { body: body as never }),
              'The invitation was made.',
            )
            setToken(made?.token ?? null)
          }}
          onClose={() => setInviting(false)}
        />
      )}
      {token !== null && (
        <SecretOnce title="Token of the invitation" secret={token} onClose={() => setToken(null)} />
      )}
      {revoked !== null && (
        <ConfirmModal
          title="Take this invitation back?"
          name={nameOf(revoked)}
          confirm="Revoke"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/invitations/{invitationId}/revoke', {
                params: { path: { invitationId: revoked.id } },
              }),
              'The invitation was taken back.',
            )
          }
          onClose={() => setRevoked(null)}
        >
          Its token does not work any more.
        </ConfirmModal>
      )}
    </>
  )
}
