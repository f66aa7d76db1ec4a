import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { useParam } from '../../lists/use-param.js'
import { useMay, useSession } from '../../session/session.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { evaluationTones } from './evaluation-tones.js'
import { Sitting } from './sitting.js'

/** One session: to take, where it is one's own and open; to look at otherwise. */
export function Page(): ReactNode {
  const path = { sessionId: useParam('sessionId') }
  const { data: sitting, error } = useQueries().useQuery(
    'get',
    '/api/v1/evaluation-sessions/{sessionId}',
    { params: { path } },
    { refetchOnWindowFocus: false },
  )
  const { session } = useSession()
  const mayTake = useMay('evaluations.take')
  if (error !== null) return <ObjectProblem error={error} what="session" />
  if (sitting === undefined) return <Loading />
  const { state, questions, userId } = sitting
  const isOwn = mayTake && userId === session.user.id
  return (
    <DetailPage
      list={{ to: '/assignments', title: 'Assignments' }}
      title={`Session ${String(sitting.attempt)}`}
      badge={<StateBadge state={state} tone={evaluationTones[state]} />}
    >
      <Facts
        facts={[
          ['Of', <MemberName key="of" id={userId} />],
          ['Started', <Time key="started" at={sitting.startedAt} />],
          ['Ends', <Time key="ends" at={sitting.expiresAt} />],
          ['Handed in', <Time key="finished" at={sitting.finishedAt} />],
        ]}
      />
      {isOwn && state === 'open' && questions !== null ? (
        <Sitting sessionId={sitting.id} expiresAt={sitting.expiresAt} questions={questions} />
      ) : (
        <EmptyState title={state === 'open' ? 'Somebody else takes this' : 'This session is over'}>
          Answers are handed in once, by the person who was asked, before the session ends.
        </EmptyState>
      )}
    </DetailPage>
  )
}
