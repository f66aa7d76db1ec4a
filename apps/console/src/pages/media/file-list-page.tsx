import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import {
  linkColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay, useSession } from '../../session/session.js'
import { AnnounceUpload } from './announce-upload.js'
import { contentTypes, fileTones, sizeText } from './file-kinds.js'

const columns: readonly ColumnOf<'/api/v1/files'>[] = [
  linkColumn(
    'name',
    'Name',
    ({ originalName, id }) => originalName ?? `file ${id.slice(0, 8)}`,
    ({ id }) => `/files/${id}`,
    { sort: 'originalName' },
  ),
  textColumn('type', 'Type', ({ contentType }) => contentType, { sort: 'contentType' }),
  {
    id: 'size',
    header: 'Size',
    sort: 'byteCount',
    align: 'right',
    value: ({ byteCount }) => byteCount,
    cell: ({ byteCount }) => sizeText(byteCount),
  },
  stateColumn('state', 'State', ({ state }) => state, fileTones, { sort: 'state' }),
  textColumn('shows', 'What it shows', ({ alternativeText }) => alternativeText),
  memberColumn('by', 'By', ({ uploadedBy }) => uploadedBy),
  timeColumn('created', 'Announced', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: ['uploading', 'ready', 'quarantined'].map((value) => ({ value, label: value })),
  },
  {
    kind: 'choice',
    param: 'contentType',
    label: 'Type',
    options: contentTypes.map((value) => ({ value, label: value })),
  },
]

/** Files of the tenant. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const { state, contentType } = values
  const list = useList('/api/v1/files', { columns, query: { state, contentType } })
  const { session } = useSession()
  const mayWrite = useMay('media.write') && session.mode === 'member'
  const [isAnnouncing, setAnnouncing] = useState(false)
  return (
    <>
      <ListPage
        title="Files"
        description="Pictures and documents of the tenant. An upload is announced by its size and digest, which its bytes have to have."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          mayWrite && <Button onClick={() => setAnnouncing(true)}>Announce an upload</Button>
        }
        empty={{ title: 'No files that you may see', text: 'Announce an upload to begin.' }}
      />
      {isAnnouncing && <AnnounceUpload onClose={() => setAnnouncing(false)} />}
    </>
  )
}
