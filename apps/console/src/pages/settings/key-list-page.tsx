import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { actionColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { KeyActions } from './key-actions.js'

type Key = ItemOf<'/api/v1/keys'>

const purposes = ['evidence', 'credentials', 'exports'] as const

const columns: readonly ColumnOf<'/api/v1/keys'>[] = [
  textColumn('name', 'Name', ({ name }) => name),
  textColumn('purpose', 'Purpose', ({ purpose }) => purpose, { sort: 'purpose' }),
  textColumn('version', 'Version', ({ version }) => version, { sort: 'version', align: 'right' }),
  stateColumn('state', 'State', ({ state }) => state, {}, { sort: 'state' }),
  textColumn('provider', 'Kept by', ({ provider }) => provider, { sort: 'provider' }),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('retired', 'Retired', ({ retiredAt }) => retiredAt, {
    sort: 'retiredAt',
    isOptional: true,
  }),
  timeColumn('disabled', 'Disabled', ({ disabledAt }) => disabledAt, {
    sort: 'disabledAt',
    isOptional: true,
  }),
  timeColumn('destroyed', 'Destroyed', ({ destroyedAt }) => destroyedAt, {
    sort: 'destroyedAt',
    isOptional: true,
  }),
]

const filters: readonly Filter[] = [
  { kind: 'choice', param: 'purpose', label: 'Purpose', options: options(...purposes) },
]

/** References to the encryption keys of the tenant; never the keys. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/keys', { columns, query: pick(values, ['purpose']) })
  const mayWrite = useMay('keys.write')
  const [isRotating, setRotating] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Key references"
        description="Encryption keys of this tenant by purpose and version. The keys themselves stay with their provider."
        list={list}
        columns={
          mayWrite ? [...columns, actionColumn<Key>((key) => <KeyActions of={key} />)] : columns
        }
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          mayWrite && (
            <Group gap="xs">
              <Button
                variant="default"
                onClick={() =>
                  action.start(
                    () => fetch.POST('/api/v1/keys/credentials/reseal'),
                    'Secrets of integrations were sealed anew under the active key.',
                  )
                }
              >
                Seal secrets anew
              </Button>
              <Button onClick={() => setRotating(true)}>Rotate</Button>
            </Group>
          )
        }
        empty={{ title: 'No keys', text: 'This tenant has no encryption keys yet.' }}
      />
      {isRotating && (
        <FormModal
          title="Rotate a key"
          submit="Rotate"
          fields={[
            {
              name: 'purpose',
              label: 'Purpose',
              kind: 'choice',
              isRequired: true,
              options: options(...purposes),
            },
          ]}
          onSubmit={({ purpose }) =>
            action.run(
              fetch.POST('/api/v1/keys/{purpose}/rotate', {
                params: {
                  path: { purpose: purposes.find((each) => each === purpose) ?? 'evidence' },
                },
              }),
              'There is a new active version.',
            )
          }
          onClose={() => setRotating(false)}
        >
          A new version seals from now on; the one before opens what is not sealed anew yet.
        </FormModal>
      )}
    </>
  )
}
