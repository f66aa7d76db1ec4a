import { Button, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Filter } from '../../lists/filter.js'
import { FilterBar } from '../../lists/filter-bar.js'
import { startOfDay } from '../../lists/start-of-day.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { EventCards } from './event-cards.js'
import { PublicFrame } from './public-frame.js'

const filters: readonly Filter[] = [
  { kind: 'text', param: 'title', label: 'Title' },
  { kind: 'text', param: 'category', label: 'Category' },
  { kind: 'text', param: 'city', label: 'City' },
  { kind: 'text', param: 'country', label: 'Country', hint: 'two letters' },
  { kind: 'date', param: 'from', label: 'From' },
  { kind: 'date', param: 'until', label: 'Until' },
]

/** Published events of all organisations, soonest first. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/public/events', {
    query: {
      title: values['title'],
      category: values['category']?.toLowerCase(),
      city: values['city'],
      country: values['country']?.toUpperCase(),
      from: startOfDay(values['from']),
      until: startOfDay(values['until'], 1),
    },
  })
  const isFiltered = filters.some(({ param }) => values[param] !== undefined)
  return (
    <PublicFrame>
      <Stack gap="lg">
        <div>
          <Title order={1}>Events</Title>
          <Text c="dimmed">What is coming up, of every organisation that shows its events.</Text>
        </div>
        <FilterBar filters={filters} />
        {list.isLoading && <Loading />}
        {list.error !== null && <PageProblem error={list.error} onRetry={list.reload} />}
        <EventCards events={list.items} />
        {!list.isLoading && list.error === null && list.items.length === 0 && (
          <EmptyState title={isFiltered ? 'Nothing fits the filters' : 'Nothing is coming up'}>
            Only published events of organisations with a public page are listed.
          </EmptyState>
        )}
        {list.items.length > 0 && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {list.items.length} shown{list.hasMore ? ', there are more' : ', that is all'}
            </Text>
            {list.hasMore && (
              <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
                Load more
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </PublicFrame>
  )
}
