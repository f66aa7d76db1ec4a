import { Code, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { DeliveryList } from './delivery-list.js'
import { DestinationActions } from './destination-actions.js'

/** One destination and what was sent to it. */
export function Page(): ReactNode {
  const destinationId = useParam('destinationId')
  const { data: destination, error } = useQueries().useQuery(
    'get',
    '/api/v1/integrations/destinations/{destinationId}',
    { params: { path: { destinationId } } },
  )
  const mayDeliveries = useMay('deliveries.read')
  if (error !== null) return <ObjectProblem error={error} what="destination" />
  if (destination === undefined) return <Loading />
  const { credential } = destination
  return (
    <DetailPage
      list={{ to: '/integrations', title: 'Integrations' }}
      title={destination.name}
      badge={
        <Status
          text={destination.isEnabled ? 'enabled' : 'paused'}
          tone={destination.isEnabled ? 'good' : 'ended'}
        />
      }
      actions={<DestinationActions destination={destination} />}
    >
      <Facts
        facts={[
          ['Kind', destination.kind],
          ['Address', destination.url],
          [
            'Events',
            <Group key="events" gap={4}>
              {destination.eventTypes.map((type) => (
                <Code key={type}>{type}</Code>
              ))}
            </Group>,
          ],
          ['Signed by', credential?.kind],
          ['Secret', credential === null ? 'none' : `version ${String(credential.version)}`],
          ['Secret ends in', credential?.hint],
          ['Secret set', <Time key="secret" at={credential?.createdAt} />],
          ['Added by', <MemberName key="by" id={destination.createdBy} />],
          ['Added', <Time key="at" at={destination.createdAt} />],
        ]}
      />
      {mayDeliveries && <DeliveryList destinationId={destinationId} />}
    </DetailPage>
  )
}
