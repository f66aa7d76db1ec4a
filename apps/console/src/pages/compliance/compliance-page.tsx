import { Group, Progress, SimpleGrid, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { PageLink } from '../../details/page-link.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'

/** How far the tenant is with each framework. */
export function Page(): ReactNode {
  const { data, error, refetch } = useQueries().useQuery('get', '/api/v1/compliance')
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          Compliance
        </Title>
        <Text size="sm" c="dimmed">
          How far this tenant is with the controls of each framework.
        </Text>
      </div>
      {error !== null && <PageProblem error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Loading />}
      {data?.frameworks.length === 0 && (
        <EmptyState title="No frameworks">The platform has no frameworks yet.</EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {data?.frameworks.map((framework) => (
          <Paper key={framework.frameworkId} withBorder p="md" component="section">
            <Title order={2} size="h4">
              <PageLink to={`/compliance/${framework.frameworkId}`} isHeading>
                {framework.title}
              </PageLink>
            </Title>
            <Text size="sm" c="dimmed">
              {framework.code}, edition {framework.edition}
            </Text>
            <Progress.Root size="lg" my="sm" aria-hidden>
              <Progress.Section value={share(framework.implemented, framework)} color="teal.8" />
              <Progress.Section value={share(framework.inProgress, framework)} color="yellow.6" />
            </Progress.Root>
            <Group gap="md">
              {(
                [
                  ['implemented', framework.implemented, 'implemented'],
                  ['in progress', framework.inProgress, 'in_progress'],
                  ['not started', framework.notStarted, 'not_started'],
                  ['not applicable', framework.notApplicable, 'not_applicable'],
                ] as const
              ).map(([label, count, state]) => (
                <PageLink
                  key={state}
                  to={`/compliance/${framework.frameworkId}`}
                  search={{ state }}
                >
                  {count} {label}
                </PageLink>
              ))}
            </Group>
            <Text size="sm" mt="xs">
              {framework.withEvidence} of {framework.controls} controls have evidence.
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
    </Stack>
  )
}

/** Percents of the controls that apply. */
function share(
  count: number,
  { controls, notApplicable }: { readonly controls: number; readonly notApplicable: number },
): number {
  const apply = controls - notApplicable
  return apply === 0 ? 0 : (count * 100) / apply
}
