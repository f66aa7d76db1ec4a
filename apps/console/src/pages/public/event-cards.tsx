import { Anchor, Badge, Card, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ItemOf } from '../../lists/use-list.js'
import { EventTime } from './event-time.js'
import classes from './public.module.css'

/** Published events, each with its way to the page of it. */
export function EventCards({
  events,
  isOfOne = false,
}: {
  readonly events: readonly ItemOf<'/api/v1/public/events'>[]
  /** All of one organisation: its name is said above already. */
  readonly isOfOne?: boolean
}): ReactNode {
  return (
    <ul className={classes['cards']}>
      {events.map((event) => (
        <li key={event.id}>
          <Card withBorder className={classes['card'] ?? ''} padding="md">
            <Stack gap={6}>
              <Anchor
                fw={600}
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/o/$org/e/$slug"
                    params={{ org: event.organization, slug: event.slug }}
                  />
                )}
              >
                {event.title}
              </Anchor>
              <Text size="sm">
                <EventTime at={event.startsAt} timeZone={event.timeZone} />
              </Text>
              <Text size="sm" c="dimmed">
                {placeOf(event)}
              </Text>
              {!isOfOne && (
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link {...props} to="/o/$org" params={{ org: event.organization }} />
                  )}
                >
                  {event.organizationName}
                </Anchor>
              )}
              {event.summary !== '' && (
                <Text size="sm" lineClamp={3}>
                  {event.summary}
                </Text>
              )}
              <Categories names={event.categories} />
            </Stack>
          </Card>
        </li>
      ))}
    </ul>
  )
}

/** What an event is about. */
export function Categories({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <Group gap={6}>
      {names.map((name) => (
        <Badge key={name} variant="outline" color="gray" tt="none">
          {name}
        </Badge>
      ))}
    </Group>
  )
}

/** Venue, city and country of an event, as far as they are known. */
export function placeOf({
  venue,
  city,
  country,
}: Pick<ItemOf<'/api/v1/public/events'>, 'venue' | 'city' | 'country'>): string {
  return [venue, city, country].filter(Boolean).join(', ') || 'No place is named yet'
}
