import type { ReactNode } from 'react'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { erasureTones } from './erasure-states.js'

const columns: readonly ColumnOf<'/api/v1/platform/erasures'>[] = [
  linkColumn(
    'tenant',
    'Tenant',
    ({ tenantName }) => tenantName,
    ({ id }) => `/erasures/${id}`,
    { sort: 'subjectName' },
  ),
  textColumn('slug', 'Name in the address', ({ tenantSlug }) => tenantSlug),
  stateColumn('status', 'Status', ({ status }) => status, erasureTones),
  timeColumn('requested', 'Asked', ({ requestedAt }) => requestedAt, { sort: 'requestedAt' }),
  timeColumn('due', 'Can be stopped until', ({ status, dueAt }) =>
    status === 'approved' ? dueAt : null,
  ),
  timeColumn('finished', 'Ended', ({ finishedAt }) => finishedAt),
  textColumn('failure', 'Problem', ({ failure }) => failure),
  textColumn('reason', 'Reason', ({ reason }) => reason, { isOptional: true }),
  textColumn('sha256', 'SHA-256 of the proof', ({ proofSha256 }) => proofSha256, {
    isOptional: true,
  }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('pending', 'approved', 'rejected', 'halted', 'erased'),
  },
]

/** Tenants that are to be erased, and the proofs of those that were. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/platform/erasures', { columns, query: pick(values, ['status']) })
  return (
    <ListPage
      title="Erasures"
      description="One of staff asks, another agrees; then it can be stopped for a quarter of an hour. The proof stays when the tenant is gone."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ id }) => id}
      empty={{
        title: 'No tenant was ever to be erased',
        text: 'It is asked for on the page of an archived tenant.',
      }}
    />
  )
}
