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
import { useMay, useSession } from '../../session/session.js'
import { DownloadExport } from './download-export.js'

type Export = ItemOf<'/api/v1/exports'>

const kindsOfRows = ['audit', 'assets', 'alerts', 'registrations', 'evidence'].flatMap((what) => [
  { value: `${what}_csv`, label: `${what} as CSV` },
  { value: `${what}_jsonl`, label: `${what} as JSON lines` },
])
const kinds = [
  ...kindsOfRows,
  { value: 'evidence_zip', label: 'evidence and controls as zip archive' },
  { value: 'tenant_archive', label: 'everything of the tenant as zip archive' },
]

const labelOf = (kind: string): string =>
  kinds.find(({ value }) => value === kind)?.label ?? kind.replace('_', ' as ')

const columns: readonly ColumnOf<'/api/v1/exports'>[] = [
  textColumn('kind', 'Export', ({ kind }) => labelOf(kind), { sort: 'kind' }),
  stateColumn('state', 'State', ({ state }) => state, {}, { sort: 'state' }),
  textColumn('rows', 'Rows', ({ rowCount }) => rowCount, { sort: 'rowCount', align: 'right' }),
  textColumn('bytes', 'Bytes', ({ byteCount }) => byteCount, { align: 'right', isOptional: true }),
  textColumn('sha256', 'SHA-256', ({ sha256 }) => sha256, { isOptional: true }),
  textColumn('error', 'Problem', ({ error }) => error, { isOptional: true }),
  timeColumn('since', 'Since', ({ since }) => since, { isOptional: true }),
  timeColumn('until', 'Until', ({ until }) => until, { isOptional: true }),
  memberColumn('by', 'Asked for by', ({ requestedBy }) => requestedBy),
  timeColumn('created', 'Asked for', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('expires', 'Kept until', ({ expiresAt }) => expiresAt, { sort: 'expiresAt' }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: options('queued', 'ready', 'failed', 'expired'),
  },
  { kind: 'choice', param: 'kind', label: 'Export', options: kinds },
]

const fieldsFor = (mayHaveEverything: boolean): readonly Field[] => [
  {
    name: 'kind',
    label: 'What',
    kind: 'choice',
    isRequired: true,
    options: kinds.filter(({ value }) => mayHaveEverything || value !== 'tenant_archive'),
    help: mayHaveEverything
      ? 'Everything of the tenant has no bounds in time. It is every row of the tenant: keep the file as you would the database.'
      : 'Audit and evidence are for those who see the whole tenant.',
  },
  { name: 'since', label: 'Since', kind: 'datetime' },
  { name: 'until', label: 'Until', kind: 'datetime' },
]

/** Files that the server makes of what the caller sees. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/exports', {
    columns,
    query: pick(values, ['state', 'kind']),
    pollWhile: (items) => items.some((item) => item['state'] === 'queued'),
  })
  const { session } = useSession()
  const mayWrite = useMay('exports.write')
  const mayHaveEverything = useMay('tenant.export')
  const [isAsking, setAsking] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Exports"
        description="Files that the server makes of what you see, with their digests. They are kept for some days."
        list={list}
        columns={
          session.mode === 'member'
            ? [...columns, actionColumn<Export>((item) => <DownloadExport export={item} />)]
            : columns
        }
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAsking(true)}>Ask for an export</Button>}
        empty={{
          title: 'No exports',
          text: 'Nobody asked for one lately of what you may see in this tenant.',
        }}
      />
      {isAsking && (
        <FormModal
          title="Ask for an export"
          fields={fieldsFor(mayHaveEverything)}
          submit="Ask"
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/exports', { body: body as never }),
              'The export is queued.',
            )
          }
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
