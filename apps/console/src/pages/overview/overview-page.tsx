import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMay, useSession } from '../../session/session.js'
import { attentionFor } from './attention.js'
import { AttentionTile } from './attention-tile.js'
import { ComplianceProgress } from './compliance-progress.js'
import { IsolationVerdict } from './isolation-verdict.js'
import classes from './overview.module.css'

const modeNames = {
  user: 'yourself',
  member: 'member',
  auditor: 'auditor',
  platform: 'platform support',
} as const

/** What waits for somebody in this place, by what the caller may see. */
export function Page(): ReactNode {
  const { session } = useSession()
  const mayCompliance = useMay('compliance.read')
  const mayIsolation = useMay('isolation.read')
  const tiles = attentionFor(session.user.id).filter(({ capability }) =>
    session.capabilities.includes(capability),
  )
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          {session.tenant?.name}
        </Title>
        <Text size="sm" c="dimmed">
          What waits for somebody, of what you see as{' '}
          {session.role?.replace('_', ' ') ?? modeNames[session.mode]}.
        </Text>
      </div>
      {tiles.length > 0 && (
        <ul className={classes['tiles']} aria-label="What waits">
          {tiles.map((attention) => (
            <AttentionTile key={attention.id} attention={attention} />
          ))}
        </ul>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {mayCompliance && <ComplianceProgress />}
        {mayIsolation && <IsolationVerdict />}
      </SimpleGrid>
    </Stack>
  )
}
