import { Anchor, Button, Divider, Group, Stack, Text, Title } from '@mantine/core'
import { IconCalendarPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi, useQueries } from '../../api/client.js'
import { Facts } from '../../details/facts.js'
import { saveFile } from '../../lists/csv.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { CodeForm } from './code-form.js'
import { Categories, placeOf } from './event-cards.js'
import { EventTime } from './event-time.js'
import { PublicFrame } from './public-frame.js'
import { PublicProblem } from './public-problem.js'
import classes from './public.module.css'
import { TicketTypes } from './ticket-types.js'

/** The public page of an event: what it is, tickets, and what can be done with a code. */
export function Page(): ReactNode {
  const path = { org: useParam('org'), slug: useParam('slug') }
  const { data: event, error } = useQueries().useQuery('get', '/api/v1/public/o/{org}/e/{slug}', {
    params: { path },
  })
  const { fetch } = useApi()
  const announce = useAnnounce()
  useEffect(() => {
    if (event !== undefined) document.title = `${event.title} · ${event.organizationName}`
  }, [event])
  const saveCalendar = async (): Promise<void> => {
    const { data } = await fetch.GET('/api/v1/public/o/{org}/e/{slug}/calendar', {
      params: { path },
      parseAs: 'blob',
    })
    if (data === undefined) return announce('The calendar file cannot be read.', true)
    saveFile(`${path.slug}.ics`, data, 'text/calendar')
  }
  return (
    <PublicFrame>
      {error !== null && <PublicProblem error={error} what="event" />}
      {error === null && event === undefined && <Loading />}
      {event !== undefined && (
        <Stack gap="lg">
          <div>
            <Anchor
              size="sm"
              renderRoot={(props) => <Link {...props} to="/o/$org" params={{ org: path.org }} />}
            >
              {event.organizationName}
            </Anchor>
            <Title order={1}>{event.title}</Title>
            {event.summary !== '' && <Text c="dimmed">{event.summary}</Text>}
          </div>
          <Facts
            facts={[
              ['Starts', <EventTime key="from" at={event.startsAt} timeZone={event.timeZone} />],
              ['Ends', <EventTime key="to" at={event.endsAt} timeZone={event.timeZone} />],
              ['Where', placeOf(event)],
            ]}
          />
          <Group justify="space-between">
            <Categories names={event.categories} />
            <Button
              variant="default"
              leftSection={<IconCalendarPlus size={16} aria-hidden />}
              onClick={() => void saveCalendar()}
            >
              Add to a calendar
            </Button>
          </Group>
          {event.description !== '' && <p className={classes['text']}>{event.description}</p>}
          <TicketTypes path={path} ticketTypes={event.ticketTypes} />
          <Divider />
          <CodeForm path={path} />
        </Stack>
      )}
    </PublicFrame>
  )
}
