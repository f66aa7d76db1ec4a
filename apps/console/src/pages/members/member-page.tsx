import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { nameOfMember } from '../../directory/use-members.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { MemberActions } from './member-actions.js'
import { MemberPlaces } from './member-places.js'
import { roleName } from './member-roles.js'

/** One member: role, state, and where they work. */
export function Page(): ReactNode {
  const { data: member, error } = useQueries().useQuery('get', '/api/v1/members/{userId}', {
    params: { path: { userId: useParam('userId') } },
  })
  const mayAudit = useMay('audit.read')
  if (error !== null) return <ObjectProblem error={error} what="member" />
  if (member === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/members', title: 'Members' }}
      title={nameOfMember(member)}
      badge={<StateBadge state={member.status} />}
      actions={<MemberActions member={member} />}
    >
      <Facts
        facts={[
          ['E-mail', member.email],
          ['Role', roleName(member.role)],
          ['Job title', member.jobTitle],
          ['Member since', <Time key="since" at={member.createdAt} />],
          ['Id', member.userId],
          ...(mayAudit
            ? ([
                [
                  'What they did',
                  <PageLink key="audit" to="/audit" search={{ q: `actor:${member.userId}` }}>
                    Open the audit log
                  </PageLink>,
                ],
              ] as const)
            : []),
        ]}
      />
      <MemberPlaces member={member} />
    </DetailPage>
  )
}
