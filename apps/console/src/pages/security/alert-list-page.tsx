import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { MemberPicker } from '../../directory/member-picker.js'
import { useOrgUnitField, useOrgUnitFilter } from '../../directory/use-org-units.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  linkColumn,
  memberColumn,
  orgUnitColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'

const columns: readonly ColumnOf<'/api/v1/alerts'>[] = [
  linkColumn(
    'title',
    'Title',
    ({ title }) => title,
    ({ id }) => `/alerts/${id}`,
    { sort: 'title' },
  ),
  stateColumn('severity', 'Severity', ({ severity }) => severity, {}, { sort: 'severity' }),
  stateColumn('status', 'Status', ({ status }) => status, { open: 'bad' }, { sort: 'status' }),
  memberColumn('assigned', 'Assigned to', ({ assignedTo }) => assignedTo),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId, { isOptional: true }),
  textColumn('source', 'Source', ({ source }) => source, { sort: 'source' }),
  timeColumn('detected', 'Detected', ({ detectedAt }) => detectedAt, { sort: 'detectedAt' }),
]

const severities = options('critical', 'high', 'medium', 'low')

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('open', 'acknowledged', 'resolved'),
  },
  { kind: 'choice', param: 'severity', label: 'Severity', options: severities },
  { kind: 'text', param: 'source', label: 'Source' },
]

const fields: readonly Field[] = [
  { name: 'title', label: 'Title', kind: 'text', isRequired: true, maxLength: 300 },
  {
    name: 'severity',
    label: 'Severity',
    kind: 'choice',
    isRequired: true,
    options: severities,
    initial: 'medium',
  },
  {
    name: 'source',
    label: 'Source',
    kind: 'text',
    isRequired: true,
    maxLength: 100,
    initial: 'console',
    help: 'Who or what noticed it.',
  },
]

/** Alerts of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/alerts', {
    columns,
    query: pick(values, ['status', 'severity', 'source', 'assignedTo', 'orgUnitId', 'assetId']),
  })
  const mayWrite = useMay('alerts.write')
  const orgUnitFilter = useOrgUnitFilter()
  const orgUnitField = useOrgUnitField()
  const [isRaising, setRaising] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <>
      <ListPage
        title="Alerts"
        description="What was noticed in the org units that you see, last detected first."
        list={list}
        columns={columns}
        filters={[
          ...filters,
          { kind: 'pick', param: 'assignedTo', label: 'Assigned to', picker: MemberPicker },
          ...orgUnitFilter,
        ]}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setRaising(true)}>Raise an alert</Button>}
        empty={{
          title: 'No alerts in the org units that you see',
          text: 'Machines raise them over the API; alerts of other org units are not shown here.',
        }}
      />
      {isRaising && (
        <FormModal
          title="Raise an alert"
          fields={[...fields, ...orgUnitField]}
          submit="Raise"
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/alerts', {
                body: { fingerprint: `console:${crypto.randomUUID()}`, ...values } as never,
              }),
              'The alert was raised.',
            )
          }
          onClose={() => setRaising(false)}
        />
      )}
    </>
  )
}
