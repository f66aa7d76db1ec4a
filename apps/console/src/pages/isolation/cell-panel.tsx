import { Alert, Badge, Code, Drawer, Group, List, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { Facts } from '../../details/facts.js'
import { useSession } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { isolationPath } from './isolation-path.js'
import { PolicyText } from './policy-text.js'
import { VerdictMark, verdictName } from './verdict-mark.js'

const methods = {
  proof: 'proven for every row and context',
  attack: 'tested with probes, not proven',
  catalog: 'the catalog alone says it',
  none: 'not checked',
} as const

/** One square: the policies that decide, and the proof's assumptions or the counterexample. */
export function CellPanel({
  runId,
  cellId,
  onClose,
}: {
  readonly runId: string
  readonly cellId: string
  readonly onClose: () => void
}): ReactNode {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title="Verdict and its grounds"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <CellDetail runId={runId} cellId={cellId} />
    </Drawer>
  )
}

function CellDetail({
  runId,
  cellId,
}: {
  readonly runId: string
  readonly cellId: string
}): ReactNode {
  const { place } = useSession()
  const path = isolationPath(place, '/api/v1/isolation/runs/{runId}/cells/{cellId}')
  const params = { path: { runId, cellId } }
  const { data: cell, error } = useQueries().useQuery('get', path, { params })
  if (error !== null) return <PageProblem error={error} what="cell" />
  if (cell === undefined) return <Loading />
  const { counterexample, policies, assumptions } = cell
  return (
    <Stack>
      <Group gap="xs">
        <VerdictMark verdict={cell.verdict} />
        <Title order={2} size="h4">
          {cell.command} on {cell.object}: {verdictName(cell.verdict)}
        </Title>
      </Group>
      <Facts
        facts={[
          ['Role', cell.role],
          ['Mode', cell.mode],
          ['How', methods[cell.method]],
          ['Probes', cell.probes === 0 ? null : `${String(cell.probes)} run`],
          ['Run before', cell.previousVerdict && verdictName(cell.previousVerdict)],
        ]}
      />
      <Text size="sm">{cell.reason}</Text>
      {counterexample !== null && (
        <Alert color="red" title="Counterexample" role="alert">
          <Text size="sm">{counterexample.message}</Text>
          {counterexample.statement !== null && <Code block>{counterexample.statement}</Code>}
        </Alert>
      )}
      <Title order={3} size="h5">
        Policies that decide
      </Title>
      {policies.length === 0 && (
        <Text size="sm" c="dimmed">
          None: without a permissive policy row level security lets nothing through.
        </Text>
      )}
      {policies.map(({ name, permissive, command, roles, using, withCheck }) => (
        <Stack key={name} gap={4}>
          <Group gap="xs">
            <Text fw={600} size="sm">
              {name}
            </Text>
            <Badge color={permissive ? 'teal.9' : 'indigo.8'} size="sm">
              {permissive ? 'permissive' : 'restrictive'}
            </Badge>
            <Text size="xs" c="dimmed">
              {command} for {roles.join(', ')}
            </Text>
          </Group>
          <PolicyText keyword="USING" expression={using} />
          <PolicyText keyword="WITH CHECK" expression={withCheck} />
        </Stack>
      ))}
      {assumptions.length > 0 && (
        <>
          <Title order={3} size="h5">
            What the proof takes for granted
          </Title>
          <List size="sm">
            {assumptions.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  )
}
