import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { MemberPicker } from '../../directory/member-picker.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  actionColumn,
  linkColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { RowActions } from '../../lists/row-actions.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import type { Assignment } from './assignment-buttons.js'
import { CancelButton, EnterButton } from './assignment-buttons.js'
import { evaluationTones } from './evaluation-tones.js'

const statusFilter: Filter = {
  kind: 'choice',
  param: 'status',
  label: 'Status',
  options: ['assigned', 'started', 'submitted', 'cancelled'].map((value) => ({
    value,
    label: value,
  })),
}

const columns: readonly ColumnOf<'/api/v1/assignments'>[] = [
  linkColumn(
    'evaluation',
    'Evaluation',
    ({ evaluationTitle }) => evaluationTitle,
    ({ evaluationId }) => `/evaluations/${evaluationId}`,
  ),
  memberColumn('assignee', 'Assigned to', ({ assigneeId }) => assigneeId),
  stateColumn('status', 'Status', ({ status }) => status, evaluationTones, { sort: 'status' }),
  timeColumn('opens', 'Opens', ({ opensAt }) => opensAt, { sort: 'opensAt' }),
  timeColumn('closes', 'Closes', ({ closesAt }) => closesAt, { sort: 'closesAt' }),
  textColumn('attempts', 'Attempts', ({ maxAttempts }) => maxAttempts, {
    sort: 'maxAttempts',
    align: 'right',
  }),
  memberColumn('by', 'Assigned by', ({ assignedBy }) => assignedBy, { isOptional: true }),
]

/** Assignments that the caller sees, of a version or of all. */
export function Assignments({
  order = 1,
  versionId,
}: {
  readonly order?: 1 | 2
  readonly versionId?: string
}): ReactNode {
  const [values] = useUrlValues()
  const { status, assigneeId } = values
  const list = useList('/api/v1/assignments', { columns, query: { status, assigneeId, versionId } })
  const supervises = useMay('evaluations.supervise')
  const { fetch } = useApi()
  const action = useAction()
  const [cancelled, setCancelled] = useState<Assignment | null>(null)
  const filters: readonly Filter[] = supervises
    ? [
        statusFilter,
        { kind: 'pick', param: 'assigneeId', label: 'Assigned to', picker: MemberPicker },
      ]
    : [statusFilter]
  return (
    <>
      <ListPage
        title="Assignments"
        description={
          supervises
            ? 'Who is asked to take what, in the org units that you see.'
            : 'What you are asked to take. Those of others are not shown to you.'
        }
        order={order}
        list={list}
        columns={[
          ...columns,
          actionColumn((assignment: Assignment) => (
            <RowActions>
              <EnterButton assignment={assignment} />
              <CancelButton assignment={assignment} onCancel={() => setCancelled(assignment)} />
            </RowActions>
          )),
        ]}
        filters={filters}
        keyOf={({ id }) => id}
        empty={{
          title: 'No assignments that you may see',
          text: 'A published version is assigned to a member on its page.',
        }}
      />
      {cancelled !== null && (
        <ConfirmModal
          title="Cancel this assignment?"
          name={cancelled.evaluationTitle}
          confirm="Cancel the assignment"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/assignments/{assignmentId}/cancel', {
                params: { path: { assignmentId: cancelled.id } },
              }),
              'The assignment was cancelled.',
            )
          }
          onClose={() => setCancelled(null)}
        >
          An open session of it ends without a submission.
        </ConfirmModal>
      )}
    </>
  )
}
