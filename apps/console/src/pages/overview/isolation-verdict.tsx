import { Group, Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { problemOf } from '../../api/problem.js'
import { PageLink } from '../../details/page-link.js'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'

const results: Readonly<Record<string, readonly [text: string, tone: Tone]>> = {
  holds: ['holds', 'good'],
  findings: ['findings', 'bad'],
  incomplete: ['incomplete', 'waiting'],
}

/** What the last isolation check found; never green while something is unchecked. */
export function IsolationVerdict(): ReactNode {
  const { data, error } = useQueries().useQuery('get', '/api/v1/isolation/runs/latest', {})
  if (data === undefined && error === null) return null
  const [text, tone] = results[data?.result ?? ''] ?? ['never checked', 'ended' as const]
  return (
    <Paper withBorder p="md" component="section" aria-label="Isolation">
      <Group gap="sm" mb="sm">
        <Title order={2} size="h4">
          <PageLink to="/isolation" isHeading>
            Isolation
          </PageLink>
        </Title>
        <Status text={text} tone={tone} />
      </Group>
      {data === undefined ? (
        <Text size="sm">
          {problemOf(error).status === 404
            ? 'No check of the database has a result yet.'
            : problemOf(error).title}
        </Text>
      ) : (
        <Text size="sm">
          {data.totals.proven} proven, {data.totals.leaking} leaking, {data.totals.unknown} unknown,{' '}
          {data.totals.notChecked} not checked. Finished <Time at={data.finishedAt} />.
        </Text>
      )}
    </Paper>
  )
}
