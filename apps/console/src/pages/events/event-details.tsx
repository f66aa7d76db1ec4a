import { Anchor, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Facts } from '../../details/facts.js'
import { Redacted } from '../../details/redacted.js'
import { Time } from '../../details/time.js'
import { useSession } from '../../session/session.js'
import type { Event } from './event-fields.js'

/** What is known of an event. */
export function EventDetails({ event }: { readonly event: Event }): ReactNode {
  const { session } = useSession()
  const place = [event.venue, event.city, event.country].filter(Boolean).join(', ')
  const publicPage = `/public/o/${session.tenant?.slug ?? ''}/e/${event.slug}`
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          ['Starts', <Time key="starts" at={event.startsAt} />],
          ['Ends', <Time key="ends" at={event.endsAt} />],
          ['Time zone', event.timeZone],
          ['Where', place || null],
          ['Places taken', `${String(event.placesTaken)} of ${String(event.capacity)}`],
          ['Categories', event.categories.join(', ') || null],
          ['Contact', <Redacted key="contact" value={event.contactEmail} />],
          [
            'Public page',
            event.status === 'published' ? (
              <Anchor key="page" href={publicPage} size="sm">
                {publicPage}
              </Anchor>
            ) : (
              'None: only published events have one'
            ),
          ],
          ['Added', <Time key="added" at={event.createdAt} />],
          ['Published', <Time key="published" at={event.publishedAt} />],
          ['Internal note', <Redacted key="note" value={event.internalNote} />],
        ]}
      />
      {event.summary !== '' && <Text>{event.summary}</Text>}
      {event.description !== '' && (
        <section>
          <Title order={2} size="h4" mb="xs">
            Description
          </Title>
          <Text maw={720} style={{ whiteSpace: 'pre-wrap' }}>
            {event.description}
          </Text>
        </section>
      )}
    </Stack>
  )
}
