import type { ReactNode } from 'react'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { nameOfDestination, toDestination } from './destination-of-delivery.js'
import { DestinationPicker } from './destination-picker.js'

const columns: readonly ColumnOf<'/api/v1/integrations/deliveries'>[] = [
  linkColumn(
    'event',
    'Event',
    ({ eventType }) => eventType,
    ({ id }) => `/deliveries/${id}`,
    { sort: 'eventType' },
  ),
  stateColumn('state', 'State', ({ state }) => state, {}, { sort: 'state' }),
  textColumn('attempts', 'Attempts', ({ attempts }) => attempts, {
    sort: 'attempts',
    align: 'right',
  }),
  timeColumn('next', 'Next attempt', ({ nextAttemptAt }) => nextAttemptAt, {
    sort: 'nextAttemptAt',
  }),
  timeColumn('created', 'Queued', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('finished', 'Finished', ({ finishedAt }) => finishedAt, { sort: 'finishedAt' }),
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
    columns,
    query: {
      ...pick(values, ['state', 'eventType', 'destinationId']),
      ...(destinationId !== undefined && { destinationId }),
    },
  })
  const maySee = useMay('integrations.read')
  const all: readonly ColumnOf<'/api/v1/integrations/deliveries'>[] =
    destinationId === undefined
      ? [
          ...columns.slice(0, 1),
          linkColumn('destination', 'Destination', nameOfDestination, toDestination),
          ...columns.slice(1),
          textColumn('destinationId', 'Destination id', ({ destinationId }) => destinationId, {
            isOptional: true,
          }),
        ]
      : columns
  const ofDestination: readonly Filter[] =
    destinationId === undefined && maySee
      ? [
          {
            kind: 'pick',
            param: 'destinationId',
            label: 'Destination',
            picker: DestinationPicker,
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
        text:
          destinationId === undefined
            ? 'Nothing that happened in this tenant was due to be sent yet.'
            : 'Nothing was due to be sent to this destination yet.',
      }}
    />
  )
}
