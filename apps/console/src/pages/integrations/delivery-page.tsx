import { Button, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { DetailText } from '../../details/detail-text.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { nameOfDestination, toDestination } from './destination-of-delivery.js'

const attemptsPath = '/api/v1/integrations/deliveries/{deliveryId}/attempts'

type Attempt = ItemOf<typeof attemptsPath>

const columns: readonly Column<Attempt>[] = [
  textColumn('attempt', 'Attempt', ({ attempt }) => attempt, { align: 'right' }),
  timeColumn('started', 'Started', ({ startedAt }) => startedAt),
  textColumn('status', 'Answer', ({ responseStatus }) => responseStatus, {
    align: 'right',
  }),
  textColumn('took', 'Took (ms)', ({ durationMs }) => durationMs, { align: 'right' }),
  textColumn('class', 'Failure', ({ errorClass }) => errorClass?.replaceAll('_', ' ') ?? null),
  textColumn('error', 'Message', ({ error }) => error),
  textColumn('excerpt', 'Excerpt of the answer', ({ responseExcerpt }) => responseExcerpt, {
    isOptional: true,
  }),
]

/** One delivery: what it carries, and each attempt. */
export function Page(): ReactNode {
  const path = { deliveryId: useParam('deliveryId') }
  const { data: delivery, error } = useQueries().useQuery(
    'get',
    '/api/v1/integrations/deliveries/{deliveryId}',
    { params: { path } },
  )
  const attempts = useList(attemptsPath, { path })
  const mayWrite = useMay('deliveries.write')
  const mayAlerts = useMay('alerts.read')
  const { fetch } = useApi()
  const action = useAction()
  if (error !== null) return <ObjectProblem error={error} what="delivery" />
  if (delivery === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/deliveries', title: 'Deliveries' }}
      title={delivery.eventType}
      badge={<StateBadge state={delivery.state} />}
      actions={
        mayWrite &&
        delivery.finishedAt !== null && (
          <Button
            onClick={() =>
              action.start(
                () =>
                  fetch.POST('/api/v1/integrations/deliveries/{deliveryId}/redeliver', {
                    params: { path },
                  }),
                'The delivery is queued again.',
              )
            }
          >
            Redeliver
          </Button>
        )
      }
    >
      <Facts
        facts={[
          [
            'Destination',
            <PageLink key="to" to={toDestination(delivery)}>
              {nameOfDestination(delivery)}
            </PageLink>,
          ],
          [
            'Alert',
            delivery.alertId !== null && mayAlerts ? (
              <PageLink key="alert" to={`/alerts/${delivery.alertId}`}>
                Open the alert
              </PageLink>
            ) : null,
          ],
          ['Attempts', delivery.attempts],
          ['Queued', <Time key="queued" at={delivery.createdAt} />],
          ['Next attempt', <Time key="next" at={delivery.nextAttemptAt} />],
          ['Finished', <Time key="finished" at={delivery.finishedAt} />],
        ]}
      />
      <ListPage
        title="Attempts"
        order={2}
        list={attempts}
        columns={columns}
        keyOf={({ attempt }) => String(attempt)}
        empty={{ title: 'No attempts yet', text: 'The first follows when it is due.' }}
      />
      <section aria-label="Payload">
        <Title order={2} size="h4" mb="xs">
          Payload
        </Title>
        <DetailText label="Payload" value={delivery.payload} />
      </section>
    </DetailPage>
  )
}
