import { Box, Button, Group, Menu, Text, Title } from '@mantine/core'
import { IconDownload, IconPlayerPlay } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { useAction } from '../../forms/use-action.js'
import { saveFile } from '../../lists/csv.js'
import { useSession } from '../../session/session.js'
import type { RunDetail } from './coverage.js'
import { isolationPath } from './isolation-path.js'

const extensions = { html: 'html', json: 'json', sarif: 'sarif', markdown: 'md' } as const

/** The heading, with what can be done: start a check, save the evidence report. */
export function RunActions({
  run,
  isOpen,
}: {
  readonly run: RunDetail | undefined
  readonly isOpen: boolean
}): ReactNode {
  const { place } = useSession()
  const { fetch } = useApi()
  const action = useAction()
  const announce = useAnnounce()
  const save = async (runId: string, format: keyof typeof extensions): Promise<void> => {
    const path = isolationPath(place, '/api/v1/isolation/runs/{runId}/report')
    const params = { path: { runId }, query: { format } }
    const { data } = await fetch.GET(path, { params, parseAs: 'blob' })
    if (data === undefined) return announce('The report cannot be read.', true)
    saveFile(`isolation-${runId}.${extensions[format]}`, data, 'application/octet-stream')
  }
  return (
    <Group justify="space-between" align="flex-start">
      <Box flex="1 1 20rem">
        <Title order={1} size="h2">
          Isolation
        </Title>
        <Text size="sm" c="dimmed" maw={720}>
          Every table, command and mode, with a proof from the policies that are in the database
          now, or what stands against it.
        </Text>
      </Box>
      <Group gap="xs">
        {run !== undefined && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
                Evidence report
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {run.formats.map((format) => (
                <Menu.Item key={format} onClick={() => void save(run.id, format)}>
                  {format.toUpperCase()}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {place.kind === 'platform' && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={isOpen}
            onClick={() =>
              action.start(
                () => fetch.POST('/api/v1/platform/isolation/runs', { body: { attacks: true } }),
                'The check was asked for.',
              )
            }
          >
            Check now
          </Button>
        )}
      </Group>
    </Group>
  )
}
