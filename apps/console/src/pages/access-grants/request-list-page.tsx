import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  actionColumn,
  memberColumn,
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
import { useMay } from '../../session/session.js'
import { DecideRequest } from './decide-request.js'
import { spanOf } from './span.js'

type Request = ItemOf<'/api/v1/access-grant-requests'>

const columns: readonly ColumnOf<'/api/v1/access-grant-requests'>[] = [
  memberColumn('who', 'Who', ({ granteeId }) => granteeId),
  textColumn('mode', 'As', ({ mode }) => (mode === 'platform' ? 'platform support' : mode), {
    sort: 'mode',
  }),
  textColumn('writes', 'May', ({ canWrite }) => (canWrite ? 'read and write' : 'read only')),
  stateColumn('status', 'Status', ({ status }) => status, {}, { sort: 'status' }),
  textColumn('reason', 'Reason', ({ reason }) => reason),
  timeColumn('starts', 'Begins', ({ startsAt }) => startsAt, { sort: 'startsAt' }),
  textColumn('length', 'Length', ({ startsAt, expiresAt }) =>
    spanOf(Date.parse(expiresAt) - Date.parse(startsAt)),
  ),
  memberColumn('by', 'Asked for by', ({ requestedBy }) => requestedBy),
  timeColumn('created', 'Asked for', ({ createdAt }) => createdAt, {
    sort: 'createdAt',
    isOptional: true,
  }),
  memberColumn('decided', 'Decided by', ({ decidedBy }) => decidedBy, { isOptional: true }),
  textColumn('note', 'Note', ({ decisionNote }) => decisionNote, { isOptional: true }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('pending', 'approved', 'rejected'),
  },
]

function newFields(): readonly Field[] {
  const now = Date.now()
  return [
    {
      name: 'granteeId',
      label: 'Id of the auditor',
      kind: 'text',
      isRequired: true,
      help: 'The id that the auditor sees under Settings.',
    },
    {
      name: 'reason',
      label: 'Reason',
      kind: 'textarea',
      isRequired: true,
      maxLength: 1000,
      help: 'The tenant sees it beside the grant and in the audit log.',
    },
    {
      name: 'startsAt',
      label: 'Begins',
      kind: 'datetime',
      isRequired: true,
      initial: new Date(now).toISOString(),
    },
    {
      name: 'expiresAt',
      label: 'Ends',
      kind: 'datetime',
      isRequired: true,
      initial: new Date(now + 3_600_000).toISOString(),
    },
  ]
}

/** Who asks to be let into the tenant; somebody else than who asked decides. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/access-grant-requests', {
    columns,
    query: pick(values, ['status']),
  })
  const mayWrite = useMay('access_grants.write')
  const [isAsking, setAsking] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Access requests"
        description="Who asks to be let into this tenant from outside. It takes a second person: nobody approves what they asked for themselves."
        list={list}
        columns={
          mayWrite
            ? [...columns, actionColumn<Request>((request) => <DecideRequest request={request} />)]
            : columns
        }
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          mayWrite && <Button onClick={() => setAsking(true)}>Ask for an auditor window</Button>
        }
        empty={{ title: 'No requests', text: 'Nobody asks to be let into this tenant.' }}
      />
      {isAsking && (
        <FormModal
          title="Ask for an auditor window"
          fields={newFields()}
          submit="Ask"
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/access-grant-requests', { body: body as never }),
              'The request waits for a second person.',
            )
          }
          onClose={() => setAsking(false)}
        >
          An auditor reads the tenant, redacted, until the window ends. Somebody else than you has
          to approve it.
        </FormModal>
      )}
    </>
  )
}
