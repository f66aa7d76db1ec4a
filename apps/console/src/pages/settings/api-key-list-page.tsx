import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { SecretOnce } from '../../details/secret-once.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
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
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useMay, useSession } from '../../session/session.js'

type ApiKey = ItemOf<'/api/v1/api-keys'>

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active'
}

const columns: readonly Column<ApiKey>[] = [
  textColumn('name', 'Name', ({ name }) => name),
  textColumn('prefix', 'Begins with', ({ prefix }) => prefix),
  stateColumn('state', 'State', stateOf),
  textColumn('scopes', 'May', ({ scopes }) => scopes.join(', ')),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId, { isOptional: true }),
  memberColumn('by', 'Made by', ({ createdBy }) => createdBy),
  timeColumn('used', 'Last used', ({ lastUsedAt }) => lastUsedAt),
  timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt, { isOptional: true }),
]

/** API keys of the tenant. */
export function Page(): ReactNode {
  const list = useList('/api/v1/api-keys')
  const { session } = useSession()
  const mayWrite = useMay('api_keys.write')
  const [isMaking, setMaking] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [revoked, setRevoked] = useState<ApiKey | null>(null)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="API keys"
        description="Keys of programs. One may some of what its maker may, and ends with their membership; it is shown once."
        list={list}
        columns={
          mayWrite
            ? [
                ...columns,
                actionColumn<ApiKey>((key) =>
                  stateOf(key) === 'active' ? (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={`Revoke ${key.name}`}
                      onClick={() => setRevoked(key)}
                    >
                      Revoke …
                    </Button>
                  ) : null,
                ),
              ]
            : columns
        }
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setMaking(true)}>Make an API key</Button>}
        empty={{
          title: 'No API keys',
          text: 'No program has a key to what you may see in this tenant.',
        }}
      />
      {isMaking && (
        <FormModal
          title="Make an API key"
          submit="Make"
          fields={[
            { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 100 },
            { name: 'expiresAt', label: 'Ends', kind: 'datetime', help: 'Never when left empty.' },
            {
              name: 'scopes',
              label: 'May',
              kind: 'choices',
              isRequired: true,
              options: session.capabilities.map((value) => ({ value, label: value })),
            },
          ]}
          onSubmit={async (body) => {
            const made = await action.run(
              fetch.POST('/api/v1/api-keys', { body: body as never }),
              'The API key was made.',
            )
            setSecret(made?.secret ?? null)
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {secret !== null && (
        <SecretOnce title="The API key" secret={secret} onClose={() => setSecret(null)} />
      )}
      {revoked !== null && (
        <ConfirmModal
          title="Revoke this API key?"
          name={revoked.name}
          confirm="Revoke"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/api-keys/{apiKeyId}/revoke', {
                params: { path: { apiKeyId: revoked.id } },
              }),
              'The API key was revoked.',
            )
          }
          onClose={() => setRevoked(null)}
        >
          What uses it is out at once.
        </ConfirmModal>
      )}
    </>
  )
}
