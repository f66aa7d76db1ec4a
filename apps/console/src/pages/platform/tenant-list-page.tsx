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
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'

const columns: readonly ColumnOf<'/api/v1/platform/tenants'>[] = [
  linkColumn(
    'name',
    'Name',
    ({ name }) => name,
    ({ id }) => `/tenants/${id}`,
    { sort: 'name' },
  ),
  textColumn('slug', 'Name in the address', ({ slug }) => slug),
  stateColumn('status', 'Status', ({ status }) => status),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  textColumn('id', 'Id', ({ id }) => id, { isOptional: true }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: ['active', 'suspended', 'archived'].map((value) => ({ value, label: value })),
  },
]

const fields: readonly Field[] = [
  { name: 'name', label: 'Name', kind: 'text', isRequired: true, maxLength: 200 },
  {
    name: 'slug',
    label: 'Name in the address',
    help: 'Lower-case letters, digits and hyphens.',
    kind: 'text',
    isRequired: true,
    maxLength: 63,
  },
  {
    name: 'adminEmail',
    label: 'Address of the first administrator',
    kind: 'text',
    isRequired: true,
    maxLength: 254,
  },
  { name: 'region', label: 'Region', kind: 'text', maxLength: 40 },
  { name: 'hasPublicPage', label: 'Has public pages', kind: 'switch' },
]

/** Tenants of the platform. What is in them is not here: that takes a support window. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/platform/tenants', { columns, query: { status: values['status'] } })
  const { fetch } = useApi()
  const action = useAction()
  const [isMaking, setMaking] = useState(false)
  const [invitation, setInvitation] = useState<string | null>(null)
  return (
    <>
      <ListPage
        title="Tenants"
        description="Staff see that a tenant exists, and nothing that is in it without a support window."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={<Button onClick={() => setMaking(true)}>Make a tenant</Button>}
        empty={{ title: 'No tenants', text: 'Make one, or approve a request for an organisation.' }}
      />
      {isMaking && (
        <FormModal
          title="Make a tenant"
          fields={fields}
          submit="Make"
          onSubmit={async (body) => {
            const made = await action.run(
              fetch.POST('/api/v1/platform/tenants', { body: body as never }),
              'The tenant was made; its first administrator is invited.',
            )
            setInvitation(made?.invitationToken ?? null)
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {invitation !== null && (
        <SecretOnce
          title="Invitation of the first administrator"
          secret={invitation}
          onClose={() => setInvitation(null)}
        />
      )}
    </>
  )
}
