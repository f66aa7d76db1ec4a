import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useOrgUnitField, useOrgUnitFilter } from '../../directory/use-org-units.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { linkColumn, orgUnitColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { evaluationFields, evaluationKinds, withRatio } from './evaluation-fields.js'

const columns: readonly ColumnOf<'/api/v1/evaluations'>[] = [
  linkColumn(
    'title',
    'Title',
    ({ title }) => title,
    ({ id }) => `/evaluations/${id}`,
    { sort: 'title' },
  ),
  textColumn('kind', 'Kind', ({ kind }) => kind, { sort: 'kind' }),
  textColumn(
    'ratio',
    'Passed from',
    ({ passRatio }) => `${String(Math.round(passRatio * 100))} %`,
    {
      align: 'right',
    },
  ),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  timeColumn('created', 'Created', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('archived', 'Archived', ({ archivedAt }) => archivedAt, {
    sort: 'archivedAt',
    isOptional: true,
  }),
]

const ownFilters: readonly Filter[] = [
  { kind: 'choice', param: 'kind', label: 'Kind', options: evaluationKinds },
  {
    kind: 'choice',
    param: 'archived',
    label: 'Which',
    unset: 'in use',
    options: [{ value: 'true', label: 'archived' }],
  },
]

/** Evaluations of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const { kind, archived, orgUnitId } = values
  const list = useList('/api/v1/evaluations', { columns, query: { kind, archived, orgUnitId } })
  const filters = [...ownFilters, ...useOrgUnitFilter()]
  const mayWrite = useMay('evaluations.write')
  const [isAdding, setAdding] = useState(false)
  return (
    <>
      <ListPage
        title="Evaluations"
        description="Exams, surveys and assessments of the org units that you see."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={() => setAdding(true)}>Create an evaluation</Button>}
        empty={{
          title: 'No evaluations in the org units that you see',
          text: 'Those of other org units are not listed here.',
        }}
      />
      {isAdding && <NewEvaluation onClose={() => setAdding(false)} />}
    </>
  )
}

function NewEvaluation({ onClose }: { readonly onClose: () => void }): ReactNode {
  const unit = useOrgUnitField()
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  return (
    <FormModal
      title="Create an evaluation"
      fields={[...evaluationFields(), ...unit]}
      submit="Create"
      onSubmit={async (values) => {
        const made = await action.run(
          fetch.POST('/api/v1/evaluations', { body: withRatio(values) as never }),
          'The evaluation was created; its first version is yours to write.',
        )
        if (made) {
          await navigate({ to: '/evaluations/$evaluationId', params: { evaluationId: made.id } })
        }
      }}
      onClose={onClose}
    />
  )
}
