import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useAction } from '../../forms/use-action.js'
import { useMakeAndEnd } from '../../forms/use-make-and-end.js'
import {
  memberColumn,
  orgUnitColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useMay, useSession } from '../../session/session.js'

type ApiKey = ItemOf<'/api/v1/api-keys'>

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active'
}

const columns: readonly ColumnOf<'/api/v1/api-keys'>[] = [
  textColumn('name', 'Name', ({ name }) => name, { sort: 'name' }),
  textColumn('prefix', 'Begins with', ({ prefix }) => prefix, { sort: 'prefix' }),
  stateColumn('state', 'State', stateOf),
  textColumn('scopes', 'May', ({ scopes }) => scopes.join(', ')),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId, { isOptional: true }),
  memberColumn('by', 'Made by', ({ createdBy }) => createdBy),
  timeColumn('used', 'Last used', ({ lastUsedAt }) => lastUsedAt, { sort: 'lastUsedAt' }),
  timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt, { sort: 'expiresAt' }),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt, {
    sort: 'createdAt',
    isOptional: true,
  }),
]

/** API keys of the tenant. */
export function Page(): ReactNode {
  const list = useList('/api/v1/api-keys', { columns })
  const { session } = useSession()
  const mayWrite = useMay('api_keys.write')
  const { fetch } = useApi()
  const action = useAction()
  const keys = useMakeAndEnd<ApiKey>({
    make: {
      title: 'Make an API key',
      fields: [
        { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 100 },
        { name: 'expiresAt', label: 'Ends', kind: 'datetime', help: 'Never when left empty.' },
        {
          name: 'scopes',
          label: 'May',
          kind: 'choices',
          isRequired: true,
          options: session.capabilities.map((value) => ({ value, label: value })),
        },
      ],
      submit: 'Make',
      secretTitle: 'The API key',
      async onSubmit(body) {
        const made = await action.run(
          fetch.POST('/api/v1/api-keys', { body: body as never }),
          'The API key was made.',
        )
        return made?.secret
      },
    },
    end: {
      title: 'Revoke this API key?',
      nameOf: ({ name }) => name,
      confirm: 'Revoke',
      text: 'What uses it is out at once.',
      onConfirm: ({ id: apiKeyId }) =>
        action.run(
          fetch.POST('/api/v1/api-keys/{apiKeyId}/revoke', { params: { path: { apiKeyId } } }),
          'The API key was revoked.',
        ),
    },
  })
  return (
    <>
      <ListPage
        title="API keys"
        description="Keys of programs. One may some of what its maker may, and ends with their membership; it is shown once."
        list={list}
        columns={
          mayWrite ? [...columns, keys.endColumn((key) => stateOf(key) === 'active')] : columns
        }
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={keys.startMaking}>Make an API key</Button>}
        empty={{
          title: 'No API keys',
          text: 'No program has a key to what you may see in this tenant.',
        }}
      />
      {keys.dialogues}
    </>
  )
}
