import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { PageLink } from '../../details/page-link.js'
import { shortId } from '../../directory/use-members.js'
import type { Column } from '../../lists/column.js'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'

type Delivery = ItemOf<'/api/v1/integrations/deliveries'>

const columns: readonly Column<Delivery>[] = [
  linkColumn(
    'event',
    'Event',
    ({ eventType }) => eventType,
    ({ id }) => `/deliveries/${id}`,
  ),
  stateColumn('state', 'State', ({ state }) => state),
  textColumn('attempts', 'Attempts', ({ attempts }) => attempts, { align: 'right' }),
  timeColumn('next', 'Next attempt', ({ nextAttemptAt }) => nextAttemptAt),
  timeColumn('created', 'Queued', ({ createdAt }) => createdAt),
  timeColumn('finished', 'Finished', ({ finishedAt }) => finishedAt),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'state',
    label: 'State',
    options: options('queued', 'retrying', 'delivered', 'dead_letter'),
  },
  { kind: 'text', param: 'eventType', label: 'Event' },
]

/** Deliveries of the tenant as a page, or those to one destination as a part of its page. */
export function DeliveryList({ destinationId }: { readonly destinationId?: string }): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/integrations/deliveries', {
    query: {
      ...pick(values, ['state', 'eventType', 'destinationId']),
      ...(destinationId !== undefined && { destinationId }),
    },
  })
  const maySee = useMay('integrations.read')
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/integrations/destinations',
    { params: { query: { limit: 100 } } },
    { enabled: maySee && destinationId === undefined },
  )
  const destinations = data?.items ?? []
  const nameOf = (id: string): string =>
    destinations.find((each) => each.id === id)?.name ?? shortId(id)
  const all: readonly Column<Delivery>[] =
    destinationId === undefined
      ? [
          ...columns.slice(0, 1),
          {
            id: 'destination',
            header: 'Destination',
            value: (delivery) => nameOf(delivery.destinationId),
            cell: (delivery) => (
              <PageLink to={`/integrations/${delivery.destinationId}`}>
                {nameOf(delivery.destinationId)}
              </PageLink>
            ),
          },
          ...columns.slice(1),
        ]
      : columns
  const ofDestination: readonly Filter[] =
    destinationId === undefined && destinations.length > 0
      ? [
          {
            kind: 'choice',
            param: 'destinationId',
            label: 'Destination',
            options: destinations.map(({ id, name }) => ({ value: id, label: name })),
          },
        ]
      : []
  return (
    <ListPage
      title="Deliveries"
      order={destinationId === undefined ? 1 : 2}
      description={
        destinationId === undefined &&
        'What was sent to destinations, newest first. A dead letter was given up after its last attempt.'
      }
      list={list}
      columns={all}
      filters={[...filters, ...ofDestination]}
      keyOf={({ id }) => id}
      empty={{
        title: 'No deliveries',
        text: 'Nothing that happened in this tenant was due to be sent yet.',
      }}
    />
  )
}
