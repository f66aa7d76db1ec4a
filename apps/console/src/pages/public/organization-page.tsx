import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { useParam } from '../../lists/use-param.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { EventCards } from './event-cards.js'
import { PublicFrame } from './public-frame.js'
import { PublicProblem } from './public-problem.js'

/** The public page of an organisation, with what is coming up. */
export function Page(): ReactNode {
  const path = { org: useParam('org') }
  const query = useQueries().useInfiniteQuery(
    'get',
    '/api/v1/public/o/{org}',
    { params: { path } },
    {
      pageParamName: 'after',
      // The library takes undefined for page 0; null is not sent.
      initialPageParam: null as string | null,
      getNextPageParam: ({ events }) => events.next ?? undefined,
    },
  )
  const pages = query.data?.pages ?? []
  const name = pages[0]?.name
  const events = pages.flatMap((page) => page.events.items)
  useEffect(() => {
    if (name !== undefined) document.title = `Events of ${name}`
  }, [name])
  return (
    <PublicFrame>
      {query.error !== null && <PublicProblem error={query.error} what="organisation" />}
      {query.isPending && <Loading />}
      {name !== undefined && (
        <Stack gap="lg">
          <div>
            <Title order={1}>{name}</Title>
            <Text c="dimmed">What is coming up</Text>
          </div>
          <EventCards events={events} isOfOne />
          {events.length === 0 && (
            <EmptyState title="Nothing is coming up">
              Past events and drafts are not listed here.
            </EmptyState>
          )}
          {query.hasNextPage && (
            <Group>
              <Button
                variant="default"
                onClick={() => void query.fetchNextPage()}
                loading={query.isFetchingNextPage}
              >
                Load more
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </PublicFrame>
  )
}
