import { Anchor, Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { actionColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { wholeList } from '../../lists/whole-list.js'
import { baseOf } from '../../session/place.js'
import type { Session } from '../../session/session.js'

type Grant = Session['grants'][number]

/** Windows that tenants have opened for the caller, to enter and to end. */
export function Page(): ReactNode {
  const query = useQueries().useQuery('get', '/api/v1/session')
  const { data } = query
  const list = wholeList({ ...query, data: data && { items: data.grants } })
  const { fetch } = useApi()
  const action = useAction()
  const [ended, setEnded] = useState<Grant | null>(null)
  const columns: readonly Column<Grant>[] = [
    {
      id: 'tenant',
      header: 'Tenant',
      value: ({ tenantName }) => tenantName,
      cell: ({ id, tenantName }) => (
        <Anchor size="sm" href={`${baseOf({ kind: 'grant', grantId: id })}/`}>
          {tenantName}
        </Anchor>
      ),
    },
    textColumn('mode', 'As', ({ mode }) => (mode === 'auditor' ? 'auditor' : 'platform support')),
    textColumn('write', 'Writes', ({ canWrite }) => (canWrite ? 'may write' : 'read only')),
    timeColumn('starts', 'Starts', ({ startsAt }) => startsAt),
    timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt),
    actionColumn((grant: Grant) => (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`End the window into ${grant.tenantName}`}
        onClick={() => setEnded(grant)}
      >
        End …
      </Button>
    )),
  ]
  return (
    <>
      <ListPage
        title="Support windows"
        description="Where tenants have let you in. Entering opens another document with a red frame; every read is in the tenant's audit log."
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        empty={{
          title: 'No tenant has let you in',
          text: 'Ask for access on the page of a tenant; its administrators decide.',
        }}
      />
      {ended !== null && (
        <ConfirmModal
          title="End this window?"
          name={ended.tenantName}
          confirm="End it now"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/platform/tenants/{tenantId}/access-grants/{grantId}/revoke', {
                params: { path: { tenantId: ended.tenantId, grantId: ended.id } },
              }),
              'The window has ended.',
            )
          }
          onClose={() => setEnded(null)}
        >
          Nothing can be read through it any more. Another one has to be asked for.
        </ConfirmModal>
      )}
    </>
  )
}
