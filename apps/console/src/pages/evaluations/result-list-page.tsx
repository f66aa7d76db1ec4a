import type { ReactNode } from 'react'
import { MemberPicker } from '../../directory/member-picker.js'
import { Status } from '../../details/status.js'
import { linkColumn, memberColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { EvaluationPicker } from './evaluation-picker.js'

type Result = ItemOf<'/api/v1/evaluation-results'>

const columns: readonly ColumnOf<'/api/v1/evaluation-results'>[] = [
  linkColumn(
    'evaluation',
    'Evaluation',
    ({ evaluationTitle }) => evaluationTitle,
    ({ evaluationId }) => `/evaluations/${evaluationId}`,
  ),
  memberColumn('user', 'Of', ({ userId }) => userId),
  textColumn('version', 'Version', ({ version }) => version, { isOptional: true }),
  textColumn('attempt', 'Attempt', ({ attempt }) => attempt, { align: 'right' }),
  timeColumn('submitted', 'Handed in', ({ submittedAt }) => submittedAt, { sort: 'submittedAt' }),
  textColumn('points', 'Points', pointsText, { align: 'right' }),
  textColumn('corrected', 'Corrected by', ({ correctedBy }) => correctedBy, {
    align: 'right',
    isOptional: true,
  }),
  {
    id: 'passed',
    header: 'Outcome',
    value: outcomeOf,
    cell: (result) => (
      <Status
        text={outcomeOf(result)}
        tone={result.passed === null ? 'waiting' : result.passed ? 'good' : 'bad'}
      />
    ),
  },
]

/** Results: own ones, or all of the org units in scope for those who supervise. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const { userId, evaluationId } = values
  const list = useList('/api/v1/evaluation-results', { columns, query: { userId, evaluationId } })
  const supervises = useMay('evaluations.supervise')
  const byEvaluation: Filter = {
    kind: 'pick',
    param: 'evaluationId',
    label: 'Evaluation',
    picker: EvaluationPicker,
  }
  const filters: readonly Filter[] = supervises
    ? [byEvaluation, { kind: 'pick', param: 'userId', label: 'Of', picker: MemberPicker }]
    : [byEvaluation]
  return (
    <ListPage
      title="Results"
      description="The score that counts, with approved corrections added."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ evaluationId: of, userId: by, attempt, submittedAt }) =>
        `${of} ${by ?? ''} ${String(attempt)} ${submittedAt}`
      }
      empty={{
        title: 'No results that you may see',
        text: 'Who does not supervise sees their own alone.',
      }}
    />
  )
}

function pointsText({ points, maxPoints }: Result): string {
  return points === null ? 'not scored' : `${String(points)} of ${String(maxPoints)}`
}

function outcomeOf({ passed }: Result): string {
  if (passed === null) return 'open'
  return passed ? 'passed' : 'not passed'
}
