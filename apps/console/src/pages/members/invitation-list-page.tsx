import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { shortId } from '../../directory/use-members.js'
import { useOrgUnitField } from '../../directory/use-org-units.js'
import type { Field } from '../../forms/field.js'
import { useAction } from '../../forms/use-action.js'
import { useMakeAndEnd } from '../../forms/use-make-and-end.js'
import {
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
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMayChange } from '../../session/session.js'
import { memberRoles, roleName } from './member-roles.js'

type Invitation = ItemOf<'/api/v1/invitations'>

function nameOf({ email, id }: Invitation): string {
  return email ?? shortId(id)
}

const columns: readonly ColumnOf<'/api/v1/invitations'>[] = [
  textColumn('email', 'E-mail', ({ email }) => email, { sort: 'email' }),
  textColumn('role', 'Role', ({ role }) => roleName(role), { sort: 'role' }),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  stateColumn('state', 'State', ({ state }) => state),
  memberColumn('by', 'Invited by', ({ invitedBy }) => invitedBy),
  timeColumn('created', 'Invited', ({ createdAt }) => createdAt, {
    sort: 'createdAt',
    isOptional: true,
  }),
  timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt, { sort: 'expiresAt' }),
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
  const list = useList('/api/v1/invitations', { columns, query: pick(values, ['state']) })
  const mayWrite = useMayChange('members.write')
  const orgUnitField = useOrgUnitField()
  const { fetch } = useApi()
  const action = useAction()
  const invitations = useMakeAndEnd<Invitation>({
    make: {
      title: 'Invite somebody',
      fields: [...fields, ...orgUnitField],
      submit: 'Invite',
      secretTitle: 'Token of the invitation',
      async onSubmit(body) {
        const made = await action.run(
          fetch.POST('/api/v1/invitations', { body: body as never }),
          'The invitation was made.',
        )
        return made?.token
      },
    },
    end: {
      title: 'Take this invitation back?',
      nameOf,
      confirm: 'Revoke',
      text: 'Its token does not work any more.',
      onConfirm: ({ id: invitationId }) =>
        action.run(
          fetch.POST('/api/v1/invitations/{invitationId}/revoke', {
            params: { path: { invitationId } },
          }),
          'The invitation was taken back.',
        ),
    },
  })
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
                invitations.endColumn(
                  ({ state }) => state === 'open',
                  (invitation) => `Revoke the invitation of ${nameOf(invitation)}`,
                ),
              ]
            : columns
        }
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={invitations.startMaking}>Invite somebody</Button>}
        empty={{
          title: 'No invitations',
          text: 'Nobody was invited into the org units that you see.',
        }}
      />
      {invitations.dialogues}
    </>
  )
}
