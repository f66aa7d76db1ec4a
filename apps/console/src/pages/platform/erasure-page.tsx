import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle, IconClock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { paths } from '../../api/schema.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { ErasureActions } from './erasure-actions.js'
import { ErasureProof } from './erasure-proof.js'
import { erasureTones } from './erasure-states.js'

type Fact = readonly [name: string, value: ReactNode]

type Erasure =
  paths['/api/v1/platform/erasures/{erasureId}']['get']['responses'][200]['content']['application/json']

/** How often an erasure that the eraser is still to do something for is asked for anew, in milliseconds. */
const pollInterval = 15_000

/** One erasure: who wants it, who agreed, until when it can be stopped, and the proof of it. */
export function Page(): ReactNode {
  const { data: erasure, error } = useQueries().useQuery(
    'get',
    '/api/v1/platform/erasures/{erasureId}',
    { params: { path: { erasureId: useParam('erasureId') } } },
    { refetchInterval: ({ state }) => isAwaited(state.data) && pollInterval },
  )
  if (error !== null) return <ObjectProblem error={error} what="erasure" />
  if (erasure === undefined) return <Loading />
  const { status, failure, proof, proofSha256 } = erasure
  const stopped: readonly Fact[] = [
    [
      erasure.approvedBy === null ? 'Rejected by' : 'Stopped by',
      <MemberName key="decider" id={erasure.decidedBy} />,
    ],
    ['Decided', <Time key="decided" at={erasure.decidedAt} />],
    ['Note', erasure.decisionNote],
  ]
  const files: readonly Fact[] = [
    [
      'Exported files removed',
      erasure.filesRemovedAt === null ? (
        'not yet'
      ) : (
        <Time key="files" at={erasure.filesRemovedAt} />
      ),
    ],
  ]
  return (
    <DetailPage
      list={{ to: '/erasures', title: 'Erasures' }}
      title={`Erasure of ${erasure.tenantName}`}
      badge={<StateBadge state={status} tone={erasureTones[status]} />}
      actions={<ErasureActions erasure={erasure} />}
    >
      {status === 'approved' && (
        <Alert color="yellow" icon={<IconClock aria-hidden />} title="The tenant will be erased">
          <Text size="sm">
            Anybody of staff can stop it until <Time at={erasure.dueAt} />. A legal hold or
            restoring the tenant stops it too.
          </Text>
        </Alert>
      )}
      {failure !== null && (
        <Alert
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={status === 'halted' ? 'It was halted' : 'The last attempt failed'}
        >
          <Text size="sm">{failureText(failure)}</Text>
        </Alert>
      )}
      <Facts
        facts={[
          [
            'Tenant',
            status === 'erased' ? (
              erasure.tenantName
            ) : (
              <PageLink key="tenant" to={`/tenants/${erasure.tenantId}`}>
                {erasure.tenantName}
              </PageLink>
            ),
          ],
          ['Name in the address', erasure.tenantSlug],
          ['Reason', erasure.reason],
          ['The tenant has its data', erasure.exportTaken ? 'yes' : 'no'],
          ['Asked by', <MemberName key="asker" id={erasure.requestedBy} />],
          ['Asked', <Time key="requested" at={erasure.requestedAt} />],
          ['Approved by', <MemberName key="approver" id={erasure.approvedBy} />],
          ['Approved', <Time key="approved" at={erasure.approvedAt} />],
          ['Note of the approval', erasure.approvalNote],
          ...(status === 'rejected' ? stopped : []),
          [
            status === 'approved' ? 'Can be stopped until' : 'Was due',
            <Time key="due" at={erasure.dueAt} />,
          ],
          ['Attempts', erasure.attempts],
          ['Ended', <Time key="finished" at={erasure.finishedAt} />],
          ...(status === 'erased' ? files : []),
        ]}
      />
      {proof !== null && proofSha256 !== null && (
        <ErasureProof proof={proof} sha256={proofSha256} slug={erasure.tenantSlug} />
      )}
    </DetailPage>
  )
}

function isAwaited(erasure: Erasure | undefined): boolean {
  if (erasure === undefined) return false
  const { status, filesRemovedAt } = erasure
  return status === 'approved' || (status === 'erased' && filesRemovedAt === null)
}

/** Why it was not done, by the code that the eraser keeps. */
function failureText(failure: string): string {
  if (failure === 'LEGAL_HOLD')
    return 'A legal hold was placed since. It has to be asked for again.'
  if (failure === 'NOT_ARCHIVED') return 'The tenant was restored since.'
  return `${failure}. Nothing was deleted; it is tried again after a while.`
}
