import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { Redacted } from '../../details/redacted.js'
import { Time } from '../../details/time.js'
import { UrlTabs } from '../../details/url-tabs.js'
import { MemberName } from '../../directory/member-name.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { Answers } from './answers.js'
import { Corrections } from './corrections.js'
import { Scores } from './scores.js'
import { timeText } from './time-text.js'

/** One submission: answers, scores and corrections. */
export function Page(): ReactNode {
  const path = { submissionId: useParam('submissionId') }
  const queries = useQueries()
  const { data: submission, error } = queries.useQuery(
    'get',
    '/api/v1/submissions/{submissionId}',
    { params: { path } },
  )
  const { data: sitting } = queries.useQuery(
    'get',
    '/api/v1/evaluation-sessions/{sessionId}',
    { params: { path: { sessionId: submission?.sessionId ?? '' } } },
    { enabled: submission !== undefined },
  )
  if (error !== null) return <ObjectProblem error={error} what="submission" />
  if (submission === undefined) return <Loading />
  const questions = sitting?.questions ?? []
  const { submittedBy } = submission
  return (
    <DetailPage
      list={{ to: '/submissions', title: 'Submissions' }}
      title={`Submission of ${timeText(submission.submittedAt)}`}
    >
      <Facts
        facts={[
          ['Handed in by', <MemberName key="by" id={submittedBy} />],
          ['Handed in', <Time key="at" at={submission.submittedAt} />],
          ['Session', sitting && `Attempt ${String(sitting.attempt)}`],
          ['Org unit', <OrgUnitName key="unit" id={submission.orgUnitId} />],
          ['Comment', <Redacted key="comment" value={submission.comment} />],
          ['SHA-256 of the answers', <code key="sha">{submission.answersSha256}</code>],
        ]}
      />
      <UrlTabs
        tabs={[
          {
            id: 'answers',
            title: 'Answers',
            content: () => <Answers answers={submission.answers} questions={questions} />,
          },
          {
            id: 'scores',
            title: 'Scores',
            content: () => (
              <Scores
                submissionId={submission.id}
                submittedBy={submittedBy}
                questions={questions}
              />
            ),
          },
          {
            id: 'corrections',
            title: 'Corrections',
            content: () => <Corrections submissionId={submission.id} submittedBy={submittedBy} />,
          },
        ]}
      />
    </DetailPage>
  )
}
