import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { DetailText } from '../../details/detail-text.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'

/** One message with its text. */
export function Page(): ReactNode {
  const { data: message, error } = useQueries().useQuery(
    'get',
    '/api/v1/notifications/log/{notificationId}',
    { params: { path: { notificationId: useParam('notificationId') } } },
  )
  if (error !== null) return <ObjectProblem error={error} what="message" />
  if (message === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/notifications', title: 'Notifications' }}
      title={message.subject ?? 'Message'}
      badge={<StateBadge state={message.status} />}
    >
      <Facts
        facts={[
          ['Channel', message.channel.replace('_', ' ')],
          ['To', <MemberName key="to" id={message.recipientId} />],
          ['Address', message.recipientAddress],
          ['Queued', <Time key="queued" at={message.createdAt} />],
          ['Sent', <Time key="sent" at={message.sentAt} />],
          ['Problem', message.error],
          [
            'Default text',
            message.systemTemplateId === null ? null : (
              <PageLink key="text" to={`/notification-templates/${message.systemTemplateId}`}>
                Open the text
              </PageLink>
            ),
          ],
        ]}
      />
      <section aria-label="Text">
        <Title order={2} size="h4" mb="xs">
          Text
        </Title>
        <DetailText label="Text of the message" value={message.body} />
      </section>
    </DetailPage>
  )
}
