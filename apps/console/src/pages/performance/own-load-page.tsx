import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { Facts } from '../../details/facts.js'
import { Time } from '../../details/time.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { milliseconds } from './quantities.js'

/** What this server has done for the tenant. */
export function Page(): ReactNode {
  const { data: load, error, refetch } = useQueries().useQuery('get', '/api/v1/performance')
  if (error !== null) return <ObjectProblem error={error} onRetry={() => void refetch()} />
  if (load === undefined) return <Loading />
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          Performance
        </Title>
        <Text size="sm" c="dimmed">
          Requests that this server has answered for the tenant since <Time at={load.since} />.
        </Text>
      </div>
      <Facts
        facts={[
          ['Requests', load.requests],
          ['Failures', load.failures],
          ['Mean', milliseconds(load.meanMs)],
          ['Slowest', milliseconds(load.maxMs)],
          ['In all', milliseconds(load.totalMs)],
        ]}
      />
    </Stack>
  )
}
