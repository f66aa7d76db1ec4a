import { Badge, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import type { PlacedSession } from '../session/session.js'
import { useSession } from '../session/session.js'
import { RemainingTime } from './remaining-time.js'

const colors = { user: 'gray.8', member: 'teal.9', auditor: 'grape.8', platform: 'red.8' } as const

/** Role, mode and the time that is left: always in sight. */
export function ActingAs(): ReactNode {
  const placed = useSession()
  const { window, mode } = placed.session
  const color = colors[mode]
  return (
    <Group gap={6} wrap="nowrap">
      <Badge variant="filled" color={color} miw="max-content" data-testid="role">
        {roleOf(placed)}
      </Badge>
      <Badge
        variant="default"
        miw="max-content"
        tt="none"
        data-testid="remaining-time"
        title={
          window === null
            ? 'Until the sign-in ends, unless it is renewed by then'
            : 'Until the window closes'
        }
      >
        <RemainingTime until={window?.expiresAt ?? placed.endsAt} />
      </Badge>
    </Group>
  )
}

function roleOf({ session: { mode, role, window }, place }: PlacedSession): string {
  if (mode === 'auditor') return 'auditor, reads'
  if (mode === 'platform') return window?.canWrite === true ? 'support, writes' : 'support, reads'
  if (role !== null) return role.replaceAll('_', ' ')
  return place.kind === 'platform' ? 'platform staff' : 'no role'
}
