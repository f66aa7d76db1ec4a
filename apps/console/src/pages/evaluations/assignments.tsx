import { Group } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useMemberOptions } from '../../directory/use-members.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
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

const columns: readonly Column<Assignment>[] = [
  linkColumn(
    'evaluation',
    'Evaluation',
    ({ evaluationTitle }) => evaluationTitle,
    ({ evaluationId }) => `/evaluations/${evaluationId}`,
  ),
  memberColumn('assignee', 'Assigned to', ({ assigneeId }) => assigneeId),
  stateColumn('status', 'Status', ({ status }) => status, evaluationTones),
  timeColumn('opens', 'Opens', ({ opensAt }) => opensAt),
  timeColumn('closes', 'Closes', ({ closesAt }) => closesAt),
  textColumn('attempts', 'Attempts', ({ maxAttempts }) => maxAttempts, { align: 'right' }),
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
  const list = useList('/api/v1/assignments', { query: { status, assigneeId, versionId } })
  const supervises = useMay('evaluations.supervise')
  const options = useMemberOptions()
  const { fetch } = useApi()
  const action = useAction()
  const [cancelled, setCancelled] = useState<Assignment | null>(null)
  const filters: readonly Filter[] = supervises
    ? [statusFilter, { kind: 'choice', param: 'assigneeId', label: 'Assigned to', options }]
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
            <Group gap="xs" wrap="nowrap" justify="flex-end">
              <EnterButton assignment={assignment} />
              <CancelButton assignment={assignment} onCancel={() => setCancelled(assignment)} />
            </Group>
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
