import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { linkColumn, memberColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { AddEvidence } from './add-evidence.js'
import { FreshnessBadge } from './freshness-badge.js'

const columns: readonly ColumnOf<'/api/v1/evidence'>[] = [
  linkColumn(
    'title',
    'Title',
    ({ title }) => title,
    ({ id }) => `/evidence/${id}`,
    { sort: 'title' },
  ),
  textColumn('source', 'Source', ({ source }) => source, { sort: 'source' }),
  timeColumn('collected', 'Collected', ({ collectedAt }) => collectedAt, { sort: 'collectedAt' }),
  {
    id: 'fresh',
    header: 'Freshness',
    cell: ({ collectedAt, freshDays, supersededById }) =>
      supersededById === null ? (
        <FreshnessBadge collectedAt={collectedAt} freshDays={freshDays} />
      ) : (
        'superseded'
      ),
  },
  memberColumn('by', 'Collected by', ({ collectedBy }) => collectedBy, { isOptional: true }),
  textColumn('bytes', 'Bytes', ({ byteCount }) => byteCount, {
    sort: 'byteCount',
    align: 'right',
    isOptional: true,
  }),
  textColumn('sha256', 'SHA-256', ({ sha256 }) => sha256, { isOptional: true }),
]

const filters: readonly Filter[] = [
  { kind: 'text', param: 'source', label: 'Source' },
  {
    kind: 'choice',
    param: 'superseded',
    label: 'Superseded',
    options: [
      { value: 'false', label: 'holds' },
      { value: 'true', label: 'superseded' },
    ],
  },
]

/** Evidence of the tenant as a page, or that of one control as a part of its page. */
export function EvidenceList({ controlId }: { readonly controlId?: string }): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/evidence', {
    columns,
    query: {
      ...pick(values, ['source', 'superseded', 'assetId', 'controlId']),
      ...(controlId !== undefined && { controlId }),
    },
  })
  const mayWrite = useMay('evidence.write')
  const [isAdding, setAdding] = useState(false)
  const isPage = controlId === undefined
  return (
    <>
      <ListPage
        title={isPage ? 'Compliance Evidence' : 'Evidence'}
        order={isPage ? 1 : 2}
        {...(isPage && {
          description:
            'Proof that controls work, last collected first. It is superseded, never changed or deleted; its digest says that the bytes are the same.',
        })}
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAdding(true)}>Add evidence</Button>}
        empty={{
          title: 'No evidence',
          text: 'Nothing was collected yet of what you may see in this tenant.',
        }}
      />
      {isAdding && (
        <AddEvidence
          {...(controlId !== undefined && { controlId })}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  )
}
