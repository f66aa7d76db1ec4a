import type { ReactNode } from 'react'
import { linkColumn, memberColumn, orgUnitColumn, textColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { timeText } from './time-text.js'

const columns: readonly ColumnOf<'/api/v1/submissions'>[] = [
  linkColumn(
    'at',
    'Handed in',
    ({ submittedAt }) => timeText(submittedAt),
    ({ id }) => `/submissions/${id}`,
    { sort: 'submittedAt' },
  ),
  memberColumn('by', 'By', ({ submittedBy }) => submittedBy),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  textColumn('comment', 'Comment', ({ comment }) => comment),
  textColumn('sha', 'SHA-256 of the answers', ({ answersSha256 }) => answersSha256.slice(0, 16), {
    isOptional: true,
  }),
]

/** What was handed in: own submissions, or all of the org units in scope for those who supervise. */
export function Page(): ReactNode {
  const list = useList('/api/v1/submissions', { columns })
  return (
    <ListPage
      title="Submissions"
      description="Answers that were handed in. They are never changed; corrections are added to the score."
      list={list}
      columns={columns}
      keyOf={({ id }) => id}
      empty={{
        title: 'No submissions that you may see',
        text: 'Who does not supervise sees their own alone.',
      }}
    />
  )
}
