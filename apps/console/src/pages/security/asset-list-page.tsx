import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useOrgUnitField, useOrgUnitFilter } from '../../directory/use-org-units.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  linkColumn,
  orgUnitColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { assetFields, assetKinds } from './asset-fields.js'

const columns: readonly ColumnOf<'/api/v1/assets'>[] = [
  linkColumn(
    'name',
    'Name',
    ({ displayName }) => displayName,
    ({ id }) => `/assets/${id}`,
    { sort: 'displayName' },
  ),
  textColumn('host', 'Host name', ({ hostname }) => hostname, { sort: 'hostname' }),
  textColumn('kind', 'Kind', ({ kind }) => kind, { sort: 'kind' }),
  stateColumn('status', 'Status', ({ status }) => status, {}, { sort: 'status' }),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId, { isOptional: true }),
  textColumn('address', 'Address', ({ address }) => address, { isOptional: true }),
  textColumn('tags', 'Tags', ({ tags }) => tags.join(', ') || null, { isOptional: true }),
  timeColumn('seen', 'Last seen', ({ lastSeenAt }) => lastSeenAt, { sort: 'lastSeenAt' }),
]

const filters: readonly Filter[] = [
  { kind: 'text', param: 'search', label: 'Search' },
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: ['pending', 'approved', 'retired'].map((value) => ({ value, label: value })),
  },
  { kind: 'choice', param: 'kind', label: 'Kind', options: assetKinds },
  { kind: 'text', param: 'tag', label: 'Tag' },
]

/** Assets of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/assets', {
    columns,
    query: pick(values, ['search', 'status', 'kind', 'tag', 'orgUnitId']),
  })
  const mayWrite = useMay('assets.write')
  const [isAdding, setAdding] = useState(false)
  const orgUnitFilter = useOrgUnitFilter()
  const orgUnitField = useOrgUnitField()
  const fields: readonly Field[] = [
    {
      name: 'hostname',
      label: 'Host name',
      kind: 'text',
      isRequired: true,
      maxLength: 253,
      help: 'In small letters, as the machine calls itself.',
    },
    ...assetFields(),
    ...orgUnitField,
  ]
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Assets"
        description="Machines of the org units that you see. New ones wait until somebody approves them."
        list={list}
        columns={columns}
        filters={[...filters, ...orgUnitFilter]}
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
