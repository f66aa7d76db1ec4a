import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { wholeList } from '../../lists/whole-list.js'
import { eventTones } from './event-tones.js'
import { ownTitle } from './own-title.js'

type Entry =
  operations['listOwnWaitlistEntries']['responses'][200]['content']['application/json']['items'][number]

/** What the caller waits for, and what they are offered. */
export function OwnWaitlist(): ReactNode {
  const list = wholeList(useQueries().useQuery('get', '/api/v1/me/waitlist'))
  const columns: readonly Column<Entry>[] = [
    textColumn('event', 'Event', ownTitle),
    textColumn('organiser', 'Organiser', ({ event }) => event?.tenantName ?? null),
    timeColumn('starts', 'Starts', ({ event }) => event?.startsAt ?? null),
    stateColumn('state', 'State', ({ state }) => state, eventTones),
    textColumn('position', 'Place in the queue', ({ position }) => position, { align: 'right' }),
    timeColumn('offered', 'Offered until', ({ offeredUntil }) => offeredUntil),
    {
      id: 'actions',
      header: 'Actions',
      cell: (entry) => <EntryActions entry={entry} title={ownTitle(entry)} />,
    },
  ]
  return (
    <ListPage
      title="What I wait for"
      order={2}
      urlKey="w"
      list={list}
      columns={columns}
      keyOf={({ id }) => id}
      empty={{ title: 'You wait for nothing', text: 'Sold-out events let you wait for a seat.' }}
    />
  )
}

function EntryActions({
  entry: { id, state },
  title,
}: {
  readonly entry: Entry
  readonly title: string
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { entryId: id } }
  if (state !== 'waiting' && state !== 'offered') return null
  return (
    <Group gap="xs" wrap="nowrap">
      {state === 'offered' && (
        <Button
          size="compact-sm"
          aria-label={`Take the seat at ${title}`}
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/me/waitlist/{entryId}/accept', { params }),
              'The seat is yours.',
            )
          }
        >
          Take the seat
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Wait no longer for ${title}`}
        onClick={() =>
          action.start(
            () => fetch.POST('/api/v1/me/waitlist/{entryId}/withdraw', { params }),
            'You do not wait any more.',
          )
        }
      >
        Wait no longer
      </Button>
    </Group>
  )
}
