import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import type { Column } from '../../lists/column.js'
import { textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { wholeList } from '../../lists/whole-list.js'
import { sizeText } from './file-kinds.js'

type Variant =
  operations['listVariants']['responses'][200]['content']['application/json']['items'][number]

const columns: readonly Column<Variant>[] = [
  textColumn('kind', 'Form', ({ kind }) => kind),
  textColumn('pixels', 'Pixels', ({ width, height }) => `${String(width)} × ${String(height)}`),
  textColumn('size', 'Size', ({ byteCount }) => sizeText(byteCount), { align: 'right' }),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt),
]

/** Resized forms of a file. */
export function Variants({ fileId }: { readonly fileId: string }): ReactNode {
  const list = wholeList(
    useQueries().useQuery('get', '/api/v1/files/{fileId}/variants', {
      params: { path: { fileId } },
    }),
  )
  return (
    <ListPage
      title="Resized forms"
      order={2}
      list={list}
      columns={columns}
      keyOf={({ id }) => id}
      empty={{ title: 'None', text: 'They are made of pictures once their bytes are there.' }}
    />
  )
}
