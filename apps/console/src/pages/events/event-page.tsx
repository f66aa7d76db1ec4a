import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { StateBadge } from '../../details/state-badge.js'
import type { UrlTab } from '../../details/url-tabs.js'
import { UrlTabs } from '../../details/url-tabs.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { CheckInTab } from './check-in-tab.js'
import { EventActions } from './event-actions.js'
import { EventDetails } from './event-details.js'
import { eventTones } from './event-tones.js'
import { RegistrationsTab } from './registrations-tab.js'
import { TicketTypesTab } from './ticket-types-tab.js'
import { WaitlistTab } from './waitlist-tab.js'

/** One event, with its ticket types, guests, arrivals and waiting list. */
export function Page(): ReactNode {
  const path = { eventId: useParam('eventId') }
  const { data: event, error } = useQueries().useQuery('get', '/api/v1/events/{eventId}', {
    params: { path },
  })
  const mayRead = useMay('registrations.read')
  const mayCheckIn = useMay('check_ins.read')
  if (error !== null) return <ObjectProblem error={error} what="event" />
  if (event === undefined) return <Loading />
  const tabs: readonly (UrlTab | false)[] = [
    { id: 'details', title: 'Details', content: () => <EventDetails event={event} /> },
    { id: 'tickets', title: 'Ticket types', content: () => <TicketTypesTab event={event} /> },
    mayRead && {
      id: 'registrations',
      title: 'Registrations',
      content: () => <RegistrationsTab event={event} />,
    },
    mayCheckIn && {
      id: 'check-in',
      title: 'Check-in',
      content: () => <CheckInTab event={event} />,
    },
    mayRead && { id: 'waitlist', title: 'Waitlist', content: () => <WaitlistTab event={event} /> },
  ]
  return (
    <DetailPage
      list={{ to: '/events', title: 'Events' }}
      title={event.title}
      badge={<StateBadge state={event.status} tone={eventTones[event.status]} />}
      actions={<EventActions event={event} />}
    >
      <UrlTabs tabs={tabs.filter((tab) => tab !== false)} />
    </DetailPage>
  )
}
