import { Anchor, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { Time } from '../../details/time.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { AssetStatus } from './asset-status.js'

type Asset = ItemOf<'/api/v1/assets'>

const kinds = ['server', 'workstation', 'network', 'camera', 'cloud'].map((value) => ({
  value,
  label: value,
}))

const columns: readonly Column<Asset>[] = [
  {
    id: 'name',
    header: 'Name',
    value: ({ displayName }) => displayName,
    cell: ({ id, displayName }) => (
      <Anchor
        size="sm"
        renderRoot={(props) => <Link {...props} to="/assets/$assetId" params={{ assetId: id }} />}
      >
        {displayName}
      </Anchor>
    ),
  },
  {
    id: 'host',
    header: 'Host name',
    value: ({ hostname }) => hostname,
    cell: (asset) => asset.hostname,
  },
  { id: 'kind', header: 'Kind', value: ({ kind }) => kind, cell: ({ kind }) => kind },
  {
    id: 'status',
    header: 'Status',
    value: ({ status }) => status,
    cell: ({ status }) => <AssetStatus status={status} />,
  },
  {
    id: 'address',
    header: 'Address',
    isOptional: true,
    value: ({ address }) => address,
    cell: ({ address }) => address ?? '—',
  },
  {
    id: 'seen',
    header: 'Last seen',
    value: ({ lastSeenAt }) => lastSeenAt,
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} />,
  },
]

const filters: readonly Filter[] = [
  { kind: 'text', param: 'search', label: 'Search' },
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: ['pending', 'approved', 'retired'].map((value) => ({ value, label: value })),
  },
  { kind: 'choice', param: 'kind', label: 'Kind', options: kinds },
]

const fields: readonly Field[] = [
  { name: 'hostname', label: 'Host name', kind: 'text', isRequired: true, maxLength: 253 },
  { name: 'kind', label: 'Kind', kind: 'choice', isRequired: true, options: kinds },
  { name: 'label', label: 'Label', kind: 'text', maxLength: 200 },
  { name: 'address', label: 'IP address', kind: 'text' },
]

/** Assets of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/assets', {
    query: { search: values['search'], status: values['status'], kind: values['kind'] },
  })
  const mayWrite = useMay('assets.write')
  const [isAdding, setAdding] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Assets"
        description="Machines of the org units that you see. New ones wait until somebody approves them."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAdding(true)}>Enter an asset</Button>}
        empty={{
          title: 'No assets in the org units that you see',
          text: 'Enter one, or let a machine enrol itself with an enrolment token.',
        }}
      />
      {isAdding && (
        <FormModal
          title="Enter an asset"
          fields={fields}
          submit="Enter"
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/assets', { body: body as never }),
              'The asset was entered and waits for approval.',
            )
          }
          onClose={() => setAdding(false)}
        />
      )}
    </>
  )
}
