import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { SecretOnce } from '../../details/secret-once.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { credentialFields, destinationFields, readCredential } from './destination-fields.js'

const kinds = options('webhook', 'siem', 'ticketing')

const columns: readonly ColumnOf<'/api/v1/integrations/destinations'>[] = [
  linkColumn(
    'name',
    'Name',
    ({ name }) => name,
    ({ id }) => `/integrations/${id}`,
    { sort: 'name' },
  ),
  textColumn('kind', 'Kind', ({ kind }) => kind, { sort: 'kind' }),
  stateColumn('state', 'State', ({ isEnabled }) => (isEnabled ? 'enabled' : 'paused'), {
    enabled: 'good',
  }),
  textColumn('url', 'Address', ({ url }) => url, { sort: 'url' }),
  textColumn('events', 'Events', ({ eventTypes }) => eventTypes.join(', '), { isOptional: true }),
  textColumn('signed', 'Signed by', ({ credential }) => credential?.kind ?? null),
  timeColumn('created', 'Added', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
]

const filters: readonly Filter[] = [
  { kind: 'choice', param: 'kind', label: 'Kind', options: kinds },
  {
    kind: 'choice',
    param: 'isEnabled',
    label: 'State',
    options: [
      { value: 'true', label: 'enabled' },
      { value: 'false', label: 'paused' },
    ],
  },
]

const fields: readonly Field[] = [
  { name: 'kind', label: 'Kind', kind: 'choice', isRequired: true, options: kinds },
  ...destinationFields(),
  ...credentialFields,
]

/** Destinations that the tenant's events go to. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/integrations/destinations', {
    columns,
    query: pick(values, ['kind', 'isEnabled']),
  })
  const mayWrite = useMay('integrations.write')
  const [isAdding, setAdding] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Integrations"
        description="Where events of the tenant go. Deliveries are signed and tried again until they arrive or end as dead letters."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAdding(true)}>Add a destination</Button>}
        empty={{
          title: 'No destinations in this tenant',
          text: 'Add one to send alerts, assets and tickets to another system.',
        }}
      />
      {isAdding && (
        <FormModal
          title="Add a destination"
          fields={fields}
          submit="Add"
          onSubmit={async ({ credentialKind, secret: typed, ...rest }) => {
            const { credential, made } = readCredential({ credentialKind, secret: typed })
            await action.run(
              fetch.POST('/api/v1/integrations/destinations', {
                body: { ...rest, credential } as never,
              }),
              'The destination was added.',
            )
            setSecret(made)
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {secret !== null && (
        <SecretOnce
          title="Secret of the destination"
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  )
}
