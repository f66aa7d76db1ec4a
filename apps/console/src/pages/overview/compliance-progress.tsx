import { Group, Paper, Progress, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { PageLink } from '../../details/page-link.js'

/** How many controls of each framework are implemented. */
export function ComplianceProgress(): ReactNode {
  const { data } = useQueries().useQuery('get', '/api/v1/compliance')
  if (data === undefined || data.frameworks.length === 0) return null
  return (
    <Paper withBorder p="md" component="section" aria-label="Compliance">
      <Title order={2} size="h4" mb="sm">
        Compliance
      </Title>
      <Stack gap="sm">
        {data.frameworks.map((framework) => {
          const { frameworkId, title, implemented, controls, notApplicable } = framework
          const apply = controls - notApplicable
          return (
            <div key={frameworkId}>
              <Group justify="space-between">
                <PageLink to={`/compliance/${frameworkId}`}>{title}</PageLink>
                <Text size="sm">
                  {apply === 0
                    ? 'no control applies yet'
                    : `${String(implemented)} of ${String(apply)} implemented`}
                </Text>
              </Group>
              <Progress
                value={apply === 0 ? 0 : (implemented * 100) / apply}
                color="teal.8"
                mt={4}
                aria-label={`${title}: implemented`}
              />
            </div>
          )
        })}
      </Stack>
    </Paper>
  )
}
